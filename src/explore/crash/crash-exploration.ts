import { monotonicMs } from "../../base/clock.ts";
import type { CrashablePostgres } from "../../environment/postgres/embedded.ts";
import type { Tally } from "../tally.ts";
import { Tree } from "../search/tree.ts";
import type { Extent, TreeCounts } from "../search/tree.ts";
import type { Schedule, Scheduler } from "../schedule.ts";
import type { Performance, Theatre } from "../theatre.ts";
import { changesUntil, claimEnd, classOf, classText } from "./crash-class.ts";
import { crashesOf, crashKinds } from "./crash.ts";
import type { Crash } from "./crash.ts";
import { InTurn, WithCrash } from "./crash-scheduler.ts";
import type { CrashPoint } from "./crash-scheduler.ts";

export type CrashableServer = Pick<CrashablePostgres, "crash" | "restart">;

export interface CrashOptions {
  /** Opens the play; with a server, for one schedule in which it crashes: it cannot be set up again after that. */
  readonly open: (server?: CrashableServer) => Promise<{ theatre: Theatre; tally: Tally }>;
  readonly bots: number;
  /** Crash points of the claim alone, and the first that comes after it; false: of all that the bot does. */
  readonly isClaimOnly: boolean;
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  readonly server: CrashableServer | undefined;
  readonly onSchedule: (tally: Tally) => void;
}

export interface CrashesExplored {
  readonly tally: Tally;
  /** Statements of the bot at which it may crash. */
  readonly points: number;
  /** Crashes that were meant to be carried out, each at a point; those that were, with every order that was wanted. */
  readonly wanted: number;
  readonly done: number;
  /** Crashes that were asked for and did not happen: these schedules show nothing. */
  readonly missed: number;
  /** How many crashes led to each class, by its text. */
  readonly classes: ReadonlyMap<string, number>;
  /** Transactions of an undisturbed claim that change something; 0: nothing was claimed, and there is nothing to judge. */
  readonly commits: number;
  /** With several bots: every order that passes over bots that could go on at most so often; null: every order. */
  readonly preemptions: number | null;
  readonly tree: TreeCounts;
  readonly begun: number;
}

/** Orders are complete for all crash points before the next: as in exploring without crashes. */
const extents: readonly Extent[] = [0, 1, "reduced"];

/** The bot that crashes: where bots are as good as each other, any will do. */
const victim = 1;

/**
 * Every crash at every statement of a bot. One bot alone is played in turn with who comes after it; of several, every
 * order is played with every crash, as far as the budget reaches.
 */
export async function exploreCrashes(options: CrashOptions): Promise<CrashesExplored> {
  const { theatre, tally } = await options.open();
  const exploration = new CrashExploration(options, theatre, tally);
  try {
    await exploration.prepare();
    if (options.bots === 1) await exploration.eachInTurn();
    else await exploration.eachInEveryOrder();
  } finally {
    await theatre[Symbol.asyncDispose]();
  }
  if (options.bots === 1 && options.server !== undefined) {
    await exploration.servers(options.server);
  }
  return exploration.result;
}

class CrashExploration {
  readonly #options: CrashOptions;
  readonly #theatre: Theatre;
  readonly #tally: Tally;
  readonly #endMs: number;
  readonly #classes = new Map<string, { count: number; readonly first: CrashPoint }>();
  readonly #tree: TreeCounts = { redundant: 0, chances: 0, unmet: 0 };
  #points = 0;
  #commits = 0;
  #wanted = 0;
  #done = 0;
  #missed = 0;
  #begun = 0;
  #preemptions: number | null = null;

  constructor(options: CrashOptions, theatre: Theatre, tally: Tally) {
    this.#options = options;
    this.#theatre = theatre;
    this.#tally = tally;
    this.#endMs = monotonicMs() + options.budgetMs;
  }

  get result(): CrashesExplored {
    const classes = [...this.#classes].map(([text, { count }]) => [text, count] as const);
    return {
      tally: this.#tally,
      points: this.#points,
      wanted: this.#wanted,
      done: this.#done,
      missed: this.#missed,
      classes: new Map(classes),
      commits: this.#commits,
      preemptions: this.#preemptions,
      tree: this.#tree,
      begun: this.#begun,
    };
  }

  /** An undisturbed schedule tells where there is anything to disturb. */
  async prepare(): Promise<void> {
    const { schedule } = await this.#perform(this.#theatre, new InTurn());
    const claimed = claimEnd(schedule, victim);
    if (claimed === undefined || schedule.end.kind !== "complete") return;
    this.#commits = changesUntil(schedule, victim, claimed);
    const its = schedule.steps.map(({ bot }, at) => ({ bot, number: at + 1 }));
    const own = its.filter(({ bot }) => bot === victim);
    const inClaim = own.filter(({ number }) => number <= claimed).length;
    this.#points = this.#options.isClaimOnly ? Math.min(inClaim + 1, own.length) : own.length;
  }

  async eachInTurn(): Promise<void> {
    const points = this.#pointsOf(crashKinds.filter((kind) => kind !== "server crash"));
    this.#wanted += points.length;
    for (const point of points) {
      if (!this.#hasTime()) return;
      const { schedule } = await this.#perform(this.#theatre, new InTurn(), point);
      this.#classify(schedule, point);
      this.#done++;
    }
  }

  /** A restart takes seconds: one for each class is enough. */
  async servers(server: CrashableServer): Promise<void> {
    const points = [...this.#classes.values()].map(({ first }): CrashPoint => {
      const moment = first.crash.moment === "before" ? "before" : "after";
      return { ...first, crash: { kind: "server crash", moment } };
    });
    this.#wanted += points.length;
    for (const point of points) {
      if (!this.#hasTime()) return;
      const { theatre } = await this.#options.open(server);
      try {
        const { schedule } = await this.#perform(theatre, new InTurn(), point);
        this.#classify(schedule, point);
        this.#done++;
      } finally {
        await theatre[Symbol.asyncDispose]();
      }
    }
  }

  async eachInEveryOrder(): Promise<void> {
    // To the other bots and to the server, a connection that is reset or falls silent is one that is gone.
    const points = this.#pointsOf(["close", "terminated"]).filter(
      ({ crash }) => crash.moment !== "truncate",
    );
    this.#wanted = points.length;
    for (const extent of extents) {
      let done = 0;
      for (const [at, point] of points.entries()) {
        const shareMs = Math.max(0, this.#endMs - monotonicMs()) / (points.length - at);
        if (await this.#walk(point, extent, monotonicMs() + shareMs)) done++;
      }
      if (done < points.length) return;
      this.#done = done;
      this.#preemptions = typeof extent === "number" ? extent : null;
    }
  }

  /** False: the time was over before every order had been played. */
  async #walk(point: CrashPoint, extent: Extent, endMs: number): Promise<boolean> {
    const tree = new Tree({ extent, alike: 0 });
    while (!tree.isDone && monotonicMs() < endMs && !this.#options.signal.aborted) {
      const walk = tree.walk();
      const { schedule } = await this.#perform(this.#theatre, walk, point);
      walk.end(schedule.end.kind !== "called-off");
      this.#tally.notePoints(walk.points);
    }
    for (const name of ["redundant", "chances", "unmet"] as const) {
      this.#tree[name] += tree.counts[name];
    }
    return tree.isDone;
  }

  async #perform(theatre: Theatre, order: Scheduler, point?: CrashPoint): Promise<Performance> {
    const performance = await theatre.perform(new WithCrash(order, point));
    this.#begun++;
    const { end, hasCrashed, steps } = performance.schedule;
    // In another order of the steps a bot may come to its end before it has taken so many.
    const isDue = steps.some(({ crash }) => crash !== undefined);
    const isWhole = end.kind !== "called-off";
    if (point !== undefined && isWhole && !hasCrashed && (isDue || this.#options.bots === 1)) {
      this.#missed++;
    }
    this.#tally.add(performance);
    this.#options.onSchedule(this.#tally);
    return performance;
  }

  #classify(schedule: Schedule, point: CrashPoint): void {
    const found = schedule.hasCrashed ? classOf(schedule, victim, this.#commits) : undefined;
    if (found === undefined) return;
    const text = classText(found);
    const known = this.#classes.get(text);
    if (known === undefined) this.#classes.set(text, { count: 1, first: point });
    else known.count++;
  }

  #pointsOf(kinds: readonly Crash["kind"][]): readonly CrashPoint[] {
    const crashes = kinds.flatMap(crashesOf);
    const ordinals = Array.from({ length: this.#points }, (_, at) => at + 1);
    return ordinals.flatMap((ordinal) => crashes.map((crash) => ({ bot: victim, ordinal, crash })));
  }

  #hasTime(): boolean {
    return !this.#options.signal.aborted && monotonicMs() < this.#endMs;
  }
}
