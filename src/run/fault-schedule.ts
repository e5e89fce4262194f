import { sleep, waitUntil, withDeadline } from "../base/timer.ts";
import type { Fault, FaultContext, FaultKind } from "../chaos/fault.ts";
import { faults as kinds } from "../chaos/faults.ts";
import type { FaultDetail } from "../history/event.ts";
import type { PlannedFault } from "../plan/plan.ts";
import type { SteadyState } from "../scenario/scenario.ts";
import type { Record } from "../bots/bot.ts";
import { waitForCondition } from "./fault-condition.ts";
import type { LoadTally } from "./load-tally.ts";
import { whyUnsteady } from "./steady-state.ts";

export interface ScheduleOptions {
  readonly planned: readonly PlannedFault[];
  readonly contextOf: (fault: PlannedFault) => FaultContext;
  readonly record: Record;
  readonly load: LoadTally;
  /** Absent: faults that stand from the start are there before the first bot moves; the first later one waits for a claim. */
  readonly steadyState?: SteadyState | undefined;
  /** Aborts when the server is gone for good: what cannot be healed then is not tried again. */
  readonly gone?: AbortSignal | undefined;
}

/** A proxy or a database that does not answer must not keep a run from ending. */
const injectDeadlineMs = 10_000;
const healDeadlineMs = 10_000;
/** What cannot be healed at once may be in a moment: the server is still starting, the connection is being replaced. */
const healAgainMs = 100;
const pollMs = 1;

/**
 * The faults of one round: injected at their times, and healed at theirs or by `healAll`, which every round calls
 * whatever happened.
 *
 * ```
 *   load  ──┬── steady? ──┬── from, at, every ──────── when it holds ── inject ── for ── heal
 *           │             └── after 100 claims ─────── when it holds ── inject
 *           └ at 0s and no steadyState: before the first bot moves                        load ends ── heal all
 * ```
 */
export class FaultSchedule {
  readonly #options: ScheduleOptions;
  readonly #entries: readonly Entry[];
  #injections = 0;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#entries = options.planned.map((planned) => {
      const context = options.contextOf(planned);
      const kind = kindOf(planned);
      const fault = kind.create(planned.spec.settings as never, context);
      const none = { standsSince: null, isPrepared: false, underWay: Promise.resolve() };
      return { planned, context, kind, fault, ...none };
    });
  }

  /** How long what was injected may keep the server from answering, in ms: as long as the injection itself may take. */
  get silenceMs(): number {
    const standing = this.#entries.filter(({ standsSince }) => standsSince !== null);
    return Math.max(injectDeadlineMs, ...standing.map(({ kind }) => kind.injectMs ?? 0));
  }

  /** Faults are prepared, and those that stand from the very start injected, before the first bot moves. */
  async injectFirst(): Promise<void> {
    for (const entry of this.#entries) await this.#prepare(entry);
    for (const entry of this.#entries) if (this.#isFirst(entry)) await this.#inject(entry);
  }

  /** Starts the clock of all others; returns at once. They stop when `signal` aborts. */
  start(signal: AbortSignal): void {
    this.#running = this.#run(signal);
  }

  /**
   * Waits for injections under way, then heals every fault, the last one first: it may stand on what another has
   * changed. Idempotent; never throws for a fault that resists.
   */
  async healAll(): Promise<void> {
    await this.#running;
    const standing = this.#entries.toSorted((a, b) => (b.standsSince ?? 0) - (a.standsSince ?? 0));
    for (const entry of standing) await this.#heal(entry);
  }

  #isFirst({ planned }: Entry): boolean {
    const { steadyState } = this.#options;
    const isTimed = steadyState === undefined && planned.spec.schedule.when === undefined;
    return isTimed && planned.injectAtMs[0] === 0;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const later = this.#entries.filter((entry) => !this.#isFirst(entry));
    const startedAt = performance.now();
    const { load, steadyState } = this.#options;
    // With a fault there already, there is no steady state to wait for.
    const isBroken = this.#injections > 0 && steadyState === undefined;
    if (later.length > 0 && !isBroken) {
      const why = await whyUnsteady(load, steadyState, signal);
      if (why !== null) {
        for (const { planned } of later) {
          this.#note(planned, "error", {
            note: `not injected, for lack of a steady state: ${why}`,
          });
        }
        return;
      }
    }
    const clockMs = steadyState === undefined ? startedAt : performance.now();
    await Promise.all(this.#entries.map((entry) => this.#follow(entry, clockMs, signal)));
  }

  async #follow(entry: Entry, clockMs: number, signal: AbortSignal): Promise<void> {
    const { injectAtMs, healAtMs, afterClaims } = entry.planned;
    const until = (ms: number): Promise<void> => sleep(clockMs + ms - performance.now(), signal);
    if (afterClaims !== undefined) await this.#injectAfter(entry, afterClaims, signal);
    for (const atMs of this.#isFirst(entry) ? injectAtMs.slice(1) : injectAtMs) {
      await until(atMs);
      await this.#injectWhen(entry, signal);
      if (signal.aborted) return;
    }
    if (healAtMs === null) return;
    await until(healAtMs);
    if (!signal.aborted) await this.#heal(entry);
  }

  async #injectAfter(entry: Entry, claims: number, signal: AbortSignal): Promise<void> {
    const { load } = this.#options;
    while (load.granted < claims && !signal.aborted) await sleep(pollMs, signal);
    await this.#injectWhen(entry, signal);
  }

  /** Waits for the fault's condition, injects it, and lets it stand for its time, where it has one. */
  async #injectWhen(entry: Entry, signal: AbortSignal): Promise<void> {
    const { when, forMs } = entry.planned.spec.schedule;
    if (signal.aborted) return;
    if (when !== undefined) {
      const parts = { context: entry.context, load: this.#options.load };
      if (!(await waitForCondition(when, parts, signal))) return;
    }
    await this.#inject(entry);
    if (forMs === undefined) return;
    await sleep(forMs, signal);
    if (!signal.aborted) await this.#heal(entry);
  }

  /** What cannot be prepared fails again when it is injected, and is noted then. */
  async #prepare(entry: Entry): Promise<void> {
    const { planned, fault, kind } = entry;
    if (fault.prepare === undefined) return;
    entry.isPrepared = true;
    const deadline = { ms: kind.injectMs ?? injectDeadlineMs, what: `preparing ${planned.id}` };
    try {
      await withDeadline(fault.prepare(), deadline);
    } catch (error) {
      this.#note(planned, "error", { note: `not prepared: ${(error as Error).message}` });
    }
  }

  async #inject(entry: Entry): Promise<void> {
    const { planned, fault, kind } = entry;
    entry.standsSince = ++this.#injections;
    this.#note(planned, "injected");
    try {
      const ms = kind.injectMs ?? injectDeadlineMs;
      const deadline = { ms, what: `injecting ${planned.id}` };
      const injecting = fault.inject();
      entry.underWay = injecting.then(doNothing, doNothing);
      const { outcome, aim, note } = await withDeadline(injecting, deadline);
      if (outcome !== "applied") this.#note(planned, outcome, { aim, note });
    } catch (error) {
      this.#note(planned, "error", { note: (error as Error).message });
    }
  }

  async #heal(entry: Entry): Promise<void> {
    const isStanding = entry.standsSince !== null;
    if (!isStanding && !entry.isPrepared) return;
    const { planned, fault } = entry;
    if (isStanding) await this.#noteWitnessed(entry);
    // An injection that took too long may still be about to break something: what is healed before that is not healed.
    const late = { ms: healDeadlineMs, what: `the injection of ${planned.id}` };
    await withDeadline(entry.underWay, late).catch(doNothing);
    let failure = "";
    const isHealed = async (): Promise<boolean> => {
      try {
        await withDeadline(fault.heal(), { ms: healDeadlineMs, what: `healing ${planned.id}` });
        return true;
      } catch (error) {
        failure = (error as Error).message;
        return false;
      }
    };
    const { gone } = this.#options;
    const bound = { ms: healDeadlineMs, everyMs: healAgainMs, ...(gone && { signal: gone }) };
    if (await waitUntil(isHealed, bound)) {
      entry.standsSince = null;
      entry.isPrepared = false;
      if (isStanding) this.#note(planned, "healed");
    } else this.#note(planned, "error", { note: `not healed: ${failure}` });
  }

  /** A witness that cannot be asked leaves it to the history. */
  async #noteWitnessed({ planned, fault }: Entry): Promise<void> {
    const deadline = { ms: healDeadlineMs, what: `asking what ${planned.id} has hit` };
    // Within the promise, so that one that throws at once is no different from one that does so later.
    const asking = Promise.resolve().then(() => fault.witnessed?.() ?? null);
    const hits = await withDeadline(asking, deadline).catch(() => null);
    if (hits === null) return;
    for (const { aim } of hits) this.#note(planned, "hit", { aim });
    if (hits.length === 0) this.#note(planned, "missed", { note: "it was seen to hurt nothing" });
  }

  #note(
    planned: PlannedFault,
    event: FaultDetail["event"],
    more: { readonly aim?: string | undefined; readonly note?: string | undefined } = {},
  ): void {
    const known = Object.entries(more).filter(([, value]) => value !== undefined);
    const detail = {
      fault: planned.id,
      kind: planned.spec.kind,
      event,
      ...Object.fromEntries(known),
    };
    this.#options.record({ op: "fault", type: "info", detail });
  }
}

interface Entry {
  readonly planned: PlannedFault;
  readonly context: FaultContext;
  readonly kind: FaultKind;
  readonly fault: Fault;
  /** Injected, perhaps in part, as the how manieth of the round, and not healed since; null: it does not stand. */
  standsSince: number | null;
  /** Something was set up for it that is not taken down yet. */
  isPrepared: boolean;
  /** Resolves when its latest injection has ended, well or badly; that may be after its deadline. */
  underWay: Promise<void>;
}

function doNothing(): void {}

function kindOf({ spec }: PlannedFault): FaultKind {
  const kind = kinds[spec.kind];
  if (kind === undefined) throw new Error(`the plan has a fault of no kind: ${spec.kind}`);
  return kind;
}
