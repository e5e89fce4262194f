import type { JobRange } from "../history/event.ts";
import type { Cast } from "./cast.ts";
import type { Crash, WireMessage } from "./crash/crash.ts";
import type { Door, Step, StepResult } from "./door.ts";
import { joinedFootprint, opaque, overlap } from "./footprint.ts";
import type { Footprint } from "./footprint.ts";
import { Recording } from "./recording.ts";
import type { FinalState, Stage } from "./stage.ts";

/** One step as it was carried out. */
export interface TakenStep {
  readonly bot: number;
  readonly step: Step;
  /** Null: it was still waiting, or under way, when the schedule ended. */
  result: StepResult | null;
  /** It had to wait: the number of the step that set it free, from 1; null where it did not, or was never set free. */
  freedBy: number | null;
  hasWaited: boolean;
  /** What was true when all was still again. */
  observation: string;
  /** It was carried out, or not, in the middle of this. */
  readonly crash?: Crash | undefined;
  /** The messages of the protocol that it took, where somebody listened. */
  transcript?: readonly WireMessage[];
}

/** Where a scheduler stands: the bots that can go on, in the order of their numbers. */
export interface Point {
  readonly enabled: readonly { readonly bot: number; readonly step: Step }[];
  /** Who went before; undefined at the beginning. */
  readonly last: number | undefined;
  readonly started: ReadonlySet<number>;
}

/** What came of a step: all that decides how the schedule can go on. */
export interface Happened {
  readonly bot: number;
  /** Of the step, and of every statement that it set free. */
  readonly footprint: Footprint;
  /** Other bots whose statements it set free. */
  readonly freed: readonly number[];
  /** What all bots were told, and who waits now: the same in a second run, but for what the server decides by chance. */
  readonly observation: string;
  /** Who was told something: the step's own bot, and those whose statements it set free. */
  readonly told: readonly Told[];
  /** Bots that wait now. */
  readonly waiting: ReadonlySet<number>;
}

export interface Told {
  readonly bot: number;
  /** Numbers and truth values, or the error. */
  readonly what: string;
  /** Numbers in it that do not stand for a job or an attempt: they may be a bot's. */
  readonly numbers: readonly number[];
  /** The server ended a deadlock by it. */
  readonly isDeadlock: boolean;
}

export interface Scheduler {
  /** Who goes next, or null: this schedule is not worth more. Asked only while somebody can go on. */
  pick(point: Point): number | null;
  took(happened: Happened): void;
  /** Who waited after the step that was picked, when the same was done before. Absent, undefined: nobody knows. */
  readonly foreseen?: ReadonlySet<number> | undefined;
  /** Whether the bot crashes at this step, its `ordinal`th, from 1. Absent: nobody ever does. */
  crashAt?(bot: number, ordinal: number): Crash | undefined;
  /** Whether the messages that each step takes are to be taken down. Absent: they are not. */
  readonly listens?: boolean;
}

export type ScheduleEnd =
  | { readonly kind: "complete"; readonly state: FinalState }
  /** The scheduler called it off. */
  | { readonly kind: "called-off" }
  /** Bots wait for a lock that nobody will let go of. */
  | { readonly kind: "hung"; readonly waiting: readonly number[] }
  /** A statement came to no end in time, or the bots came to none after very many steps. */
  | { readonly kind: "stuck"; readonly why: string };

type Unfinished = Exclude<ScheduleEnd, { kind: "complete" }>;

export interface Schedule {
  readonly steps: readonly TakenStep[];
  /** How often a bot that could have gone on was passed over. */
  readonly preemptions: number;
  /** The crash that was to happen did. */
  readonly hasCrashed: boolean;
  readonly recording: Recording;
  readonly end: ScheduleEnd;
}

const nothingYet = { result: null, freedBy: null, hasWaited: false, observation: "" };

/** No program needs so many; one that retries without an end would take any number. */
const mostSteps = 300;

/** Carries out one schedule on tables as new. Whatever ends it, every bot has ended and holds nothing any more. */
export async function runSchedule(
  parts: { readonly stage: Stage; readonly cast: Cast; readonly jobs: readonly JobRange[] },
  scheduler: Scheduler,
): Promise<Schedule> {
  const { stage, cast } = parts;
  await stage.reset();
  const recording = new Recording(parts.jobs);
  const walk = new Walk(cast, recording);
  await cast.begin(recording);
  let end: Unfinished | undefined;
  try {
    end = await walk.go(scheduler);
  } finally {
    if (end !== undefined || !walk.isOver) await cast.callOff();
  }
  const { steps, preemptions } = walk;
  const { hasCrashed } = cast;
  if (hasCrashed) await stage.makeSure();
  const whole: ScheduleEnd = end ?? { kind: "complete", state: await stage.look() };
  return { steps, preemptions, hasCrashed, recording, end: whole };
}

class Walk {
  readonly steps: TakenStep[] = [];
  preemptions = 0;
  readonly #cast: Cast;
  readonly #recording: Recording;
  readonly #open = new Map<number, TakenStep>();

  constructor(cast: Cast, recording: Recording) {
    this.#cast = cast;
    this.#recording = recording;
  }

  get isOver(): boolean {
    return this.#cast.doors.every(({ at }) => at === "finished");
  }

  /** Undefined: every bot came to its end. */
  async go(scheduler: Scheduler): Promise<Unfinished | undefined> {
    if (!(await this.#cast.settle())) return this.#stuck();
    while (this.steps.length < mostSteps) {
      const turn = await this.#cast.turn();
      const enabled = this.#cast.doors.filter(({ bot }) => turn.has(bot)).flatMap(enabledAt);
      if (enabled.length === 0) return this.isOver ? undefined : this.#hung();
      const last = this.steps.at(-1)?.bot;
      const started = new Set(this.steps.map(({ bot }) => bot));
      const bot = scheduler.pick({ enabled, last, started });
      if (bot === null) return { kind: "called-off" };
      if (bot !== last && enabled.some((each) => each.bot === last)) this.preemptions++;
      const ordinal = this.steps.filter((step) => step.bot === bot).length + 1;
      const crash = scheduler.crashAt?.(bot, ordinal);
      if (scheduler.listens === true) this.#cast.listen(bot);
      const happened = await this.#take(bot, crash, scheduler.foreseen);
      if (scheduler.listens === true)
        (this.steps.at(-1) as TakenStep).transcript = this.#cast.heard();
      if (happened === null) return this.#stuck();
      scheduler.took(happened);
    }
    return { kind: "stuck", why: `the bots had not ended after ${mostSteps} steps` };
  }

  async #take(
    bot: number,
    crash: Crash | undefined,
    foreseen: ReadonlySet<number> | undefined,
  ): Promise<Happened | null> {
    const { doors } = this.#cast;
    const door = doors[bot - 1] as Door;
    const step = door.step as Step;
    const taken: TakenStep = { ...nothingYet, bot, step, crash };
    this.steps.push(taken);
    this.#open.set(bot, taken);
    this.#recording.beginStep(bot);
    if (crash !== undefined) await this.#cast.prepareCrash(bot, crash);
    door.open();
    if (!(await this.#cast.settle(foreseen))) return null;
    const ended = [...this.#open].filter(([who]) => doors[who - 1]?.at !== "busy");
    for (const [who, each] of ended) this.#close(doors[who - 1] as Door, each);
    for (const who of this.#cast.blocked) (this.#open.get(who) as TakenStep).hasWaited = true;
    taken.observation = this.#observation(ended);
    const footprint = this.#footprintOf(
      taken,
      ended.map(([, each]) => each),
    );
    const freed = ended.map(([who]) => who).filter((who) => who !== bot);
    const told = ended.map(toldOf);
    const waiting = this.#cast.blocked;
    return { bot, footprint, freed, observation: taken.observation, told, waiting };
  }

  #close(door: Door, taken: TakenStep): void {
    this.#open.delete(door.bot);
    taken.result = door.result ?? null;
    if (taken.hasWaited) taken.freedBy = this.steps.length;
  }

  /** A statement that still waits is part of it, too, where it waits for what was published: it may wait for another now. */
  #footprintOf(taken: TakenStep, ended: readonly TakenStep[]): Footprint {
    const own = footprintOf(taken);
    const waiting = [...this.#open.values()]
      .filter((each) => each !== taken)
      .map(({ step }) => step.footprint)
      .filter((each) => own.isOpaque || each.isOpaque || overlap(each.locks, own.publishes));
    const freed = ended.filter((each) => each !== taken).map(footprintOf);
    return joinedFootprint([own, ...freed, ...waiting]);
  }

  #observation(ended: readonly (readonly [number, TakenStep])[]): string {
    const told = ended.map(([bot, { result, crash }]) =>
      // By what error a client notices that its connection is gone is chance.
      crash === undefined ? [bot, resultKey(result)] : [bot, "crash"],
    );
    return JSON.stringify([told, [...this.#cast.blocked].toSorted((one, other) => one - other)]);
  }

  #hung(): Unfinished {
    return { kind: "hung", waiting: [...this.#cast.blocked] };
  }

  #stuck(): Unfinished {
    const at = this.#cast.doors.find((door) => door.at === "busy" || door.at === "running");
    const what = at?.at === "busy" ? `step ${at.step?.name}` : "its own code";
    return { kind: "stuck", why: `bot ${at?.bot} came to no end in ${what}` };
  }
}

function enabledAt({ at, bot, step }: Door): { bot: number; step: Step }[] {
  return at === "waiting" && step !== undefined ? [{ bot, step }] : [];
}

function footprintOf({ step, result, crash }: TakenStep): Footprint {
  // What a bot held is let go of, and it has asked what it may do next.
  if (crash !== undefined) return opaque;
  return result?.kind === "error" ? step.onError : step.footprint;
}

function toldOf([bot, { result, crash }]: readonly [number, TakenStep]): Told {
  const what = crash === undefined ? JSON.stringify(resultKey(result)) : "crash";
  const isDeadlock = result?.kind === "error" && result.code === "40P01";
  return { bot, what, numbers: otherNumbers(result), isDeadlock };
}

function otherNumbers(result: StepResult | null): readonly number[] {
  if (result === null || result.kind === "error") return [];
  const { columns, rows } = result.result;
  const others = columns.map((column) => column !== "job_id" && column !== "attempt");
  return rows.flatMap((row) =>
    row.filter((value, at): value is number => others[at] === true && typeof value === "number"),
  );
}

/** Numbers and truth values: text may be a time or drawn by chance, and would never be the same again. */
function resultKey(result: StepResult | null): unknown {
  if (result === null || result.kind === "error") return result?.code ?? null;
  const { rows, rowCount } = result.result;
  return [rowCount, ...rows.map((row) => row.filter((value) => typeof value !== "string"))];
}
