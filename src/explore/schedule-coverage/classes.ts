import { monotonicMs } from "../../base/clock.ts";
import type { PostgresAddress } from "../../environment/postgres/postgres-server.ts";
import type { ControlDatabase } from "../../service/control-database.ts";
import type { Strategy } from "../../service/strategy.ts";
import { counterexampleOf } from "../counterexample/counterexample.ts";
import type { Counterexample, PlayFacts } from "../counterexample/counterexample.ts";
import { programs } from "../programs.ts";
import { Tree } from "../search/tree.ts";
import { Theatre } from "../theatre.ts";
import type { Performance } from "../theatre.ts";
import { classOfSchedule } from "./schedule-class.ts";
import type { ScheduleClass } from "./schedule-class.ts";

export interface ClassesRequest {
  readonly strategy: Strategy;
  readonly reference: string;
  readonly constraints: boolean;
  readonly budgetMs: number;
  readonly stepMs: number;
}

export interface ClassesContext {
  readonly address: PostgresAddress;
  readonly control: ControlDatabase;
  readonly signal: AbortSignal;
}

/** A class, with the first schedule of it that was carried out. */
export interface ExploredClass extends ScheduleClass {
  /** In the form of a counterexample; of most classes nothing is broken. */
  readonly example: Counterexample;
}

export interface ExploredClasses {
  readonly classes: readonly ExploredClass[];
  readonly areAlike: boolean;
  /** Names of all statements that are steps of some class. */
  readonly steps: ReadonlySet<string>;
  /** False: there may be more, since the time was over, a statement came to no end or a branch was not met again. */
  readonly isWhole: boolean;
}

/** As `explore <strategy> --program attempt` has them: two bots, and jobs to spare. */
const bots = 2;
const jobs = 3;

/** Carries out one schedule of every class of two bots' claims. HarnessError (usage) where the strategy cannot be explored. */
export async function exploreClasses(
  request: ClassesRequest,
  { address, control, signal }: ClassesContext,
): Promise<ExploredClasses> {
  const { strategy, constraints, stepMs } = request;
  const play = { strategy, program: programs.attempt, bots, jobs, constraints };
  const theatre = await Theatre.open({ play, address, control, fusesFreeSteps: true, stepMs });
  const { areAlike } = theatre;
  const tree = new Tree({ extent: "reduced", alike: areAlike ? bots : 0 });
  const found = new Classes(request, theatre);
  const endMs = monotonicMs() + request.budgetMs;
  try {
    while (!tree.isDone && monotonicMs() < endMs && !signal.aborted) {
      const walk = tree.walk();
      const performance = await theatre.perform(walk);
      walk.end(performance.schedule.end.kind !== "called-off");
      found.add(performance);
    }
  } finally {
    await theatre[Symbol.asyncDispose]();
  }
  const isWhole = tree.isDone && tree.counts.unmet === 0 && !found.isStuck;
  return { classes: found.classes, areAlike, steps: found.steps, isWhole };
}

class Classes {
  readonly #known = new Map<string, ExploredClass>();
  readonly #request: ClassesRequest;
  readonly #facts: PlayFacts;
  readonly #areAlike: boolean;
  readonly steps = new Set<string>();
  isStuck = false;

  constructor(request: ClassesRequest, { areAlike, source }: Theatre) {
    const { reference, constraints } = request;
    this.#request = request;
    this.#areAlike = areAlike;
    this.#facts = { reference, source, program: "attempt", bots, jobs, constraints };
  }

  get classes(): readonly ExploredClass[] {
    return [...this.#known.values()];
  }

  /** A schedule in which bots wait for ever is a class of its own, which no run comes to the end of. */
  add(performance: Performance): void {
    const { schedule, judged } = performance;
    if (schedule.end.kind === "called-off") return;
    if (schedule.end.kind === "stuck") {
      this.isStuck = true;
      return;
    }
    const { transaction } = this.#request.strategy;
    const its = classOfSchedule(schedule.steps, transaction, this.#areAlike);
    for (const { name } of its.statements.flat()) this.steps.add(name);
    if (this.#known.has(its.key)) return;
    const property = judged.broken[0]?.property ?? "";
    const example = counterexampleOf(this.#facts, property, performance);
    this.#known.set(its.key, { ...its, example });
  }
}
