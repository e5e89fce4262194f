import { monotonicMs } from "../../base/clock.ts";
import type { CrashablePostgres } from "../../environment/postgres/embedded.ts";
import type { Tally } from "../tally.ts";
import { Tree } from "../search/tree.ts";
import type { Extent, SavedTree, TreeCounts } from "../search/tree.ts";
import type { Schedule, Scheduler } from "../schedule.ts";
import type { Performance, Theatre } from "../theatre.ts";
import { changesUntil, claimEnd, classOf, classText } from "./crash-class.ts";
import { crashesAt, crashesOf, crashKinds, crashText, halvesOf } from "./crash.ts";
import type { Crash, WireMessage } from "./crash.ts";
import { InTurn, WithCrash } from "./crash-scheduler.ts";
import type { CrashPoint } from "./crash-scheduler.ts";

export type CrashableServer = Pick<CrashablePostgres, "crash" | "restart">;

/** Where a bot crashes: at every message of the protocol that its statements take, or at every statement. */
export const crashGrains = ["messages", "statements"] as const;
export type CrashGrain = (typeof crashGrains)[number];

export interface CrashOptions {
  /** Opens the play; with a server, for one schedule in which it crashes: it cannot be set up again after that. */
  readonly open: (server?: CrashableServer) => Promise<{ theatre: Theatre; tally: Tally }>;
  readonly bots: number;
  /** Crash points of the claim alone, and the first that comes after it; false: of all that the bot does. */
  readonly isClaimOnly: boolean;
  readonly grain: CrashGrain;
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  readonly server: CrashableServer | undefined;
  readonly onSchedule: (tally: Tally) => void;
  /** Where an exploration that was interrupted goes on. */
  readonly saved?: SavedCrashes | undefined;
}

/** What `--resume` goes on from: which crashes were carried out, and what they led to. */
export interface SavedCrashes {
  readonly kind: "crashes";
  /** Of one bot: so many crashes, in their order. */
  readonly done: number;
  /** Of several: the extent that was under way, and what is left of the tree of each crash in it. */
  readonly extent: number;
  readonly trees: readonly SavedTree[];
  /** Of the last extent that was walked to its end. */
  readonly preemptions: number | null;
  readonly classes: readonly (readonly [text: string, seen: SeenClass])[];
  readonly missed: readonly string[];
  readonly tree: TreeCounts;
  readonly begun: number;
  readonly tally: ReturnType<Tally["save"]>;
}

interface SeenClass {
  readonly count: number;
  /** The first crash that led there. */
  readonly first: CrashPoint;
}

export interface CrashesExplored {
  readonly tally: Tally;
  /** Statements of the bot at which it may crash. */
  readonly points: number;
  /** Messages of the protocol that these take; 0 where they were not looked at. */
  readonly messages: number;
  /** Crashes that were meant to be carried out, each at a point; those that were, with every order that was wanted. */
  readonly wanted: number;
  readonly done: number;
  /** Crashes that were asked for and did not happen: these schedules show nothing. */
  readonly missed: readonly string[];
  /** How many crashes led to each class, by its text. */
  readonly classes: ReadonlyMap<string, number>;
  /** Transactions of an undisturbed claim that change something; 0: nothing was claimed, and there is nothing to judge. */
  readonly commits: number;
  /** With several bots: every order that passes over bots that could go on at most so often; null: every order. */
  readonly preemptions: number | null;
  readonly tree: TreeCounts;
  readonly begun: number;
  /** Null: nothing is left, or it was not interrupted. */
  readonly left: SavedCrashes | null;
}

/** Orders are complete for all crash points before the next: as in exploring without crashes. */
const extents: readonly Extent[] = [0, 1, "reduced"];

/** Half a message is to be had where a connection is cut; to the server it is none, to the client's driver it is one more case. */
const halved = ["reset", "close"] as const;

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
  readonly #classes: Map<string, SeenClass>;
  readonly #tree: { -readonly [Name in keyof TreeCounts]: number };
  /** The messages of each step at which the bot may crash. */
  #transcripts: readonly (readonly WireMessage[])[] = [];
  #steps: readonly string[] = [];
  #commits = 0;
  #wanted = 0;
  #done: number;
  readonly #missed: string[];
  #begun: number;
  #preemptions: number | null;
  /** Of several bots: the extent under way, and the tree of each crash in it. */
  #extent: number;
  #trees: readonly Tree[] = [];

  constructor(options: CrashOptions, theatre: Theatre, tally: Tally) {
    this.#options = options;
    this.#theatre = theatre;
    this.#tally = tally;
    this.#endMs = monotonicMs() + options.budgetMs;
    const { saved } = options;
    if (saved !== undefined) tally.restore(saved.tally);
    this.#classes = new Map(saved?.classes);
    this.#tree = { ...(saved?.tree ?? { redundant: 0, chances: 0, unmet: 0 }) };
    this.#done = saved?.done ?? 0;
    this.#missed = [...(saved?.missed ?? [])];
    this.#begun = saved?.begun ?? 0;
    this.#preemptions = saved?.preemptions ?? null;
    this.#extent = saved?.extent ?? 0;
  }

  get result(): CrashesExplored {
    const classes = [...this.#classes].map(([text, { count }]) => [text, count] as const);
    return {
      tally: this.#tally,
      points: this.#transcripts.length,
      messages: this.#options.grain === "messages" ? this.#transcripts.flat().length : 0,
      wanted: this.#wanted,
      done: this.#done,
      missed: this.#missed,
      classes: new Map(classes),
      commits: this.#commits,
      preemptions: this.#preemptions,
      tree: this.#tree,
      begun: this.#begun,
      left: this.#options.signal.aborted ? this.#save() : null,
    };
  }

  #save(): SavedCrashes {
    return {
      kind: "crashes",
      done: this.#done,
      extent: this.#extent,
      trees: this.#trees.map((tree) => tree.save()),
      preemptions: this.#preemptions,
      classes: [...this.#classes],
      missed: this.#missed,
      tree: this.#tree,
      begun: this.#begun,
      tally: this.#tally.save(),
    };
  }

  /** An undisturbed schedule tells where there is anything to disturb. */
  async prepare(): Promise<void> {
    const { schedule } = await this.#undisturbed();
    const claimed = claimEnd(schedule, victim);
    if (claimed === undefined || schedule.end.kind !== "complete") return;
    this.#commits = changesUntil(schedule, victim, claimed);
    const own = schedule.steps.filter(({ bot }) => bot === victim);
    const inClaim = schedule.steps.slice(0, claimed).filter(({ bot }) => bot === victim).length;
    const points = own.slice(0, this.#options.isClaimOnly ? inClaim + 1 : own.length);
    this.#transcripts = points.map(({ transcript = [] }) => transcript);
    this.#steps = points.map(({ step }) => step.name);
  }

  /** Counted once, however often an exploration is gone on with. */
  async #undisturbed(): Promise<Performance> {
    if (this.#begun === 0) return await this.#perform(this.#theatre, new InTurn());
    return await this.#theatre.perform(new WithCrash(new InTurn(), undefined));
  }

  async eachInTurn(): Promise<void> {
    const points = this.#pointsOf(crashKinds.filter((kind) => kind !== "server crash"));
    const before = this.#wanted;
    this.#wanted += points.length;
    for (const point of points.slice(this.#done - before)) {
      if (!this.#hasTime()) return;
      const { schedule } = await this.#perform(this.#theatre, new InTurn(), point);
      this.#classify(schedule, point);
      this.#done++;
    }
  }

  /** A restart takes seconds: one for each class is enough. */
  async servers(server: CrashableServer): Promise<void> {
    const points = [...this.#classes.values()].map(({ first }): CrashPoint => {
      const { crash } = first;
      // What ends in the middle of an answer is a connection; the server has carried all of it out.
      const moment = crash.moment === "truncate" ? "after" : crash.moment;
      return { ...first, crash: { ...crash, moment, kind: "server crash" } as Crash };
    });
    const before = this.#wanted;
    this.#wanted += points.length;
    if (this.#done < before) return;
    for (const point of points.slice(this.#done - before)) {
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
    for (; this.#extent < extents.length; this.#extent++) {
      const extent = extents[this.#extent] as Extent;
      this.#trees = points.map((_, at) => this.#treeLeft(at, extent));
      for (const [at, point] of points.entries()) {
        const shareMs = Math.max(0, this.#endMs - monotonicMs()) / (points.length - at);
        await this.#walk(this.#trees[at] as Tree, point, monotonicMs() + shareMs);
      }
      if (!this.#trees.every(({ isDone }) => isDone)) return;
      this.#done = points.length;
      this.#preemptions = typeof extent === "number" ? extent : null;
    }
  }

  /** A new one, or what is left of the one that was under way in this extent. */
  #treeLeft(at: number, extent: Extent): Tree {
    const { saved } = this.#options;
    const left = saved?.extent === this.#extent ? saved.trees[at] : undefined;
    return new Tree({ extent, alike: 0 }, left);
  }

  /** To the tree's end, or until the time is over. */
  async #walk(tree: Tree, point: CrashPoint, endMs: number): Promise<void> {
    const before = tree.counts;
    while (!tree.isDone && monotonicMs() < endMs && !this.#options.signal.aborted) {
      const walk = tree.walk();
      const { schedule } = await this.#perform(this.#theatre, walk, point);
      walk.end(schedule.end.kind !== "called-off");
      this.#tally.notePoints(walk.points);
    }
    const after = tree.counts;
    for (const name of ["redundant", "chances", "unmet"] as const) {
      this.#tree[name] += after[name] - before[name];
    }
  }

  async #perform(theatre: Theatre, order: Scheduler, point?: CrashPoint): Promise<Performance> {
    const performance = await theatre.perform(new WithCrash(order, point));
    this.#begun++;
    const { end, hasCrashed, steps } = performance.schedule;
    // In another order of the steps a bot may come to its end before it has taken so many.
    const isDue = steps.some(({ crash }) => crash !== undefined);
    const isWhole = end.kind !== "called-off";
    if (point !== undefined && isWhole && !hasCrashed && (isDue || this.#options.bots === 1)) {
      this.#missed.push(`${this.#steps[point.ordinal - 1]} ✗ ${crashText(point.crash)}`);
    }
    this.#tally.add(performance);
    this.#options.onSchedule(this.#tally);
    return performance;
  }

  #classify(schedule: Schedule, point: CrashPoint): void {
    const found = schedule.hasCrashed ? classOf(schedule, victim, this.#commits) : undefined;
    if (found === undefined) return;
    const text = classText(found);
    const { count = 0, first = point } = this.#classes.get(text) ?? {};
    this.#classes.set(text, { count: count + 1, first });
  }

  #pointsOf(kinds: readonly Crash["kind"][]): readonly CrashPoint[] {
    const met = new Set<string>();
    return this.#transcripts.flatMap((transcript, at) => {
      const crashes =
        this.#options.grain === "statements"
          ? kinds.flatMap(crashesOf)
          : [
              ...kinds.flatMap((kind) => crashesAt(kind, transcript)),
              ...halved.flatMap((kind) => halvesOf(kind, transcript, met)),
            ];
      return crashes.map((crash) => ({ bot: victim, ordinal: at + 1, crash }));
    });
  }

  #hasTime(): boolean {
    return !this.#options.signal.aborted && monotonicMs() < this.#endMs;
  }
}
