import { monotonicMs } from "../base/clock.ts";
import { Deadline } from "../base/deadline.ts";
import type { Door, Step } from "./door.ts";
import { overlap } from "./footprint.ts";
import type { Place } from "./footprint.ts";
import type { GatedConnection } from "./gated-connection.ts";
import type { WaitWatch } from "./waits.ts";

export interface StillnessOptions {
  readonly doors: readonly Door[];
  readonly connections: readonly GatedConnection[];
  readonly watch: WaitWatch;
  /** Bots that do something else for so long are given up. */
  readonly stepMs: number;
  /** What has to be done while bots are on their way: crashes. What they let go of is not known beforehand. */
  readonly carryOn?: (() => Promise<void>) | undefined;
}

interface Started {
  readonly door: Door;
  readonly step: Step;
}

/** What is known beforehand of how a step will come to its end. */
interface Prospect {
  readonly started: Started | undefined;
  readonly mayWait: boolean;
  readonly waiting: ReadonlySet<number> | undefined;
}

/** Most statements are answered before it is worth asking whether they wait. */
const graceMs = 1;
/** A statement that is expected to wait is asked about at once, and so often again without a pause: it is on its way there. */
const mostHasty = 4;
/** An answer that is likely to come is waited for so often before anybody is asked; one that came the last time, longer. */
const likely = 2;
const foreseen = 6;

/**
 * When all is still: every bot stands at its door, has ended, or waits for another's lock. Only then is it known what the
 * last step came to.
 *
 * A bot may be set free between the question whether it waits and the answer, so an answer counts only if nothing
 * changed meanwhile. Locks are granted before the statement that let them go is answered, so a question that is asked
 * after an answer is told the truth. Bots that wait for each other are not still: the server is about to choose one.
 */
export class Stillness implements Disposable {
  readonly #options: StillnessOptions;
  readonly #grace = new Deadline(graceMs, () => this.#wake());
  /** Statements that have been seen to wait: they are likely to do so again. */
  readonly #waiters = new Set<string>();
  #blocked: ReadonlySet<number> = new Set();
  #changes = 0;
  #wake: () => void = () => undefined;

  constructor(options: StillnessOptions) {
    this.#options = options;
  }

  /** Bots whose statement waits for another's lock, as of the last time that all was still. */
  get blocked(): ReadonlySet<number> {
    return this.#blocked;
  }

  /** A new schedule begins: nobody waits. */
  reset(): void {
    this.#blocked = new Set();
  }

  /** A bot has moved. */
  note(): void {
    this.#changes++;
    this.#grace.clear();
    this.#wake();
  }

  /**
   * `waiting`: who waited in the end when the same was done before. It only decides when to ask, never what is true. False: a
   * bot does something else, and did not come to an end in time.
   */
  async come(waiting?: ReadonlySet<number>): Promise<boolean> {
    const endMs = monotonicMs() + this.#options.stepMs;
    const started = this.#started();
    const mayWait = this.#isLikelyToWait(started);
    let hasty = mayWait || waiting !== undefined ? mostHasty : 0;
    let patience = waiting === undefined ? likely : foreseen;
    while (monotonicMs() < endMs) {
      await this.#options.carryOn?.();
      const busy = this.#busy();
      if (this.#isMoving()) await this.#change();
      else if (busy.length === 0 || this.#freesNobody(started)) return this.#isStill(busy);
      else if (patience > 0 && this.#hasAnswersToCome({ started, mayWait, waiting })) {
        patience--;
        await this.#change();
      } else {
        const answer = await this.#ask(busy);
        if (answer === "all wait") return this.#isStill(busy);
        if (answer === "not yet" && hasty-- <= 0) await this.#change();
      }
    }
    return false;
  }

  [Symbol.dispose](): void {
    this.#grace.stop();
  }

  #isStill(busy: readonly Door[]): true {
    for (const { step } of busy) if (step !== undefined) this.#waiters.add(step.statement.text);
    this.#blocked = new Set(busy.map(({ bot }) => bot));
    return true;
  }

  #busy(): readonly Door[] {
    return this.#options.doors.filter(({ at }) => at === "busy");
  }

  #isMoving(): boolean {
    return this.#options.doors.some(({ at }) => at === "running");
  }

  /** Whose statement was sent last; its door shows its next step as soon as this one is answered. */
  #started(): Started | undefined {
    const door = this.#busy().find(({ bot }) => !this.#blocked.has(bot));
    return door?.step === undefined ? undefined : { door, step: door.step };
  }

  #isLikelyToWait(started: Started | undefined): boolean {
    if (started === undefined || !this.#waiters.has(started.step.statement.text)) return false;
    const { isOpaque, locks } = started.step.footprint;
    return this.#options.connections
      .filter(({ bot }) => bot !== started.door.bot)
      .some(({ holds }) => isOpaque || holds.isOpaque || overlap(locks, holds.touched));
  }

  /** Somebody is likely to be answered, so that there is no need to ask yet. */
  #hasAnswersToCome({ started, mayWait, waiting }: Prospect): boolean {
    if (waiting !== undefined) return this.#busy().some(({ bot }) => !waiting.has(bot));
    return started?.door.at === "busy" ? !mayWait : this.#isLikelyToFree(started);
  }

  /** The step has been answered and let go of nothing, so whoever waited waits on, and need not be asked about. */
  #freesNobody(started: Started | undefined): boolean {
    if (started === undefined || this.#options.carryOn !== undefined) return false;
    if (this.#busy().some(({ bot }) => !this.#blocked.has(bot))) return false;
    return letGoBy(started)?.length === 0;
  }

  #isLikelyToFree(started: Started | undefined): boolean {
    if (started === undefined) return false;
    const letGo = letGoBy(started) ?? [];
    return this.#busy().some(({ step }) => overlap(step?.footprint.locks ?? [], letGo));
  }

  async #ask(busy: readonly Door[]): Promise<"all wait" | "not yet" | "something changed"> {
    const { connections, watch } = this.#options;
    const before = this.#changes;
    const pids = new Map(connections.map(({ bot, pid }) => [bot, pid]));
    const asked = busy.map(({ bot }) => pids.get(bot) ?? 0);
    const { blocked, isDeadlock } = await watch.ask(asked, [...pids.values()]);
    await turn();
    if (this.#changes !== before) return "something changed";
    return !isDeadlock && asked.every((pid) => blocked.has(pid)) ? "all wait" : "not yet";
  }

  /** The next change of any bot's whereabouts, or a moment later. */
  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#grace.set();
    });
  }
}

/** What a step let go of, or made visible; undefined: it has not been answered, or nobody knows. */
function letGoBy({ door, step }: Started): readonly Place[] | undefined {
  if (door.at === "busy" || door.result === undefined) return undefined;
  const { isOpaque, publishes } = door.result.kind === "error" ? step.onError : step.footprint;
  return isOpaque ? undefined : publishes;
}

/** Lets answers that have arrived be seen. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
