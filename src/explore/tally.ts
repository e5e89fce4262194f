import type { Verdict } from "../checks/check.ts";
import { counterexampleOf } from "./counterexample/counterexample.ts";
import type { Counterexample, PlayFacts } from "./counterexample/counterexample.ts";
import { nothingStuck, oneJobABot } from "./crash/judge-crash.ts";
import { noWaitForEver, nothingLeftOpen, properties } from "./judge-schedule.ts";
import { outcomeOf } from "./outcome.ts";
import type { Performance } from "./theatre.ts";

/** One property over all schedules. */
export interface PropertyTally {
  readonly property: string;
  readonly verdict: Verdict;
  /** Schedules in which there was something to judge, and in which it was broken. */
  readonly judgedIn: number;
  readonly brokenIn: number;
}

export interface Counts {
  /** Schedules that came to their end. */
  readonly complete: number;
  readonly broken: number;
  /** A statement came to no end: what the schedule would have shown is not known. */
  readonly stuck: number;
  /** In which a deadlock was ended by the server. */
  readonly deadlocked: number;
  /** Different outcomes: what the bots were told and how the jobs are left. */
  readonly outcomes: number;
  readonly steps: number;
  /** The most choices between bots that one schedule had. */
  readonly points: number;
}

/** What has been seen over all schedules of an exploration. */
export class Tally {
  readonly #facts: PlayFacts;
  readonly #areAlike: boolean;
  readonly #outcomes = new Map<string, number>();
  readonly #judged = new Map<string, number>();
  readonly #broken = new Map<string, Counterexample>();
  readonly #brokenIn = new Map<string, number>();
  readonly #stuck: string[] = [];
  #counts = { complete: 0, broken: 0, stuck: 0, deadlocked: 0, steps: 0, points: 0 };

  constructor(facts: PlayFacts, areAlike: boolean) {
    this.#facts = facts;
    this.#areAlike = areAlike;
  }

  /** Outcomes, and in how many schedules each was seen. */
  get outcomes(): ReadonlyMap<string, number> {
    return this.#outcomes;
  }

  get counts(): Counts {
    return { ...this.#counts, outcomes: this.#outcomes.size };
  }

  /** The shortest schedule that broke each property: fewest preemptions first, then fewest steps. */
  get counterexamples(): ReadonlyMap<string, Counterexample> {
    return this.#broken;
  }

  counterexampleOf(property: string): Counterexample | undefined {
    return this.#broken.get(property);
  }

  /** Why schedules came to no end, without repeats. */
  get stuck(): readonly string[] {
    return [...new Set(this.#stuck)];
  }

  add(performance: Performance): void {
    const { schedule, judged } = performance;
    const { end, steps } = schedule;
    const counts = this.#counts;
    counts.steps = Math.max(counts.steps, steps.length);
    if (end.kind === "called-off") return;
    if (end.kind === "stuck") {
      counts.stuck++;
      this.#stuck.push(end.why);
      return;
    }
    counts.complete++;
    if (judged.broken.length > 0) counts.broken++;
    const isVictim = steps.some(
      ({ result }) => result?.kind === "error" && result.code === "40P01",
    );
    if (isVictim) counts.deadlocked++;
    const outcome = outcomeOf(schedule, judged, this.#areAlike);
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    for (const { property, verdict } of judged.verdicts) {
      if (verdict !== "inconclusive") increase(this.#judged, property);
    }
    for (const { property } of judged.broken) this.#addBroken(property, performance);
  }

  save() {
    return {
      counts: this.#counts,
      outcomes: [...this.#outcomes],
      judged: [...this.#judged],
      brokenIn: [...this.#brokenIn],
      broken: [...this.#broken],
      stuck: this.#stuck,
    };
  }

  /** Goes on from what was saved. */
  restore(saved: ReturnType<Tally["save"]>): void {
    this.#counts = { ...saved.counts };
    restoreMap(this.#outcomes, saved.outcomes);
    restoreMap(this.#judged, saved.judged);
    restoreMap(this.#brokenIn, saved.brokenIn);
    restoreMap(this.#broken, saved.broken);
    this.#stuck.push(...saved.stuck);
  }

  notePoints(points: number): void {
    this.#counts.points = Math.max(this.#counts.points, points);
  }

  byProperty(): readonly PropertyTally[] {
    const beyond = [nothingStuck, oneJobABot, nothingLeftOpen, noWaitForEver];
    const names = [...properties.map(({ name }) => name), ...beyond];
    return names.flatMap((property) => {
      const isAlwaysJudged = property === noWaitForEver;
      const judgedIn = isAlwaysJudged ? this.#counts.complete : (this.#judged.get(property) ?? 0);
      if (judgedIn === 0) return [];
      const brokenIn = this.#brokenIn.get(property) ?? 0;
      return [{ property, verdict: brokenIn > 0 ? "violated" : "passed", judgedIn, brokenIn }];
    });
  }

  #addBroken(property: string, performance: Performance): void {
    increase(this.#brokenIn, property);
    const known = this.#broken.get(property);
    const { preemptions, steps } = performance.schedule;
    const isShorter =
      known === undefined ||
      preemptions < known.preemptions ||
      (preemptions === known.preemptions && steps.length < known.steps.length);
    if (isShorter) this.#broken.set(property, counterexampleOf(this.#facts, property, performance));
  }
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function restoreMap<T>(map: Map<string, T>, entries: readonly (readonly [string, T])[]): void {
  for (const [name, value] of entries) map.set(name, value);
}
