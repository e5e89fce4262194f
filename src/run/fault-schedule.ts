import { sleep, withDeadline } from "../base/timer.ts";
import type { Fault, FaultContext } from "../chaos/fault.ts";
import { faults as kinds } from "../chaos/faults.ts";
import type { FaultDetail } from "../history/event.ts";
import type { PlannedFault } from "../plan/plan.ts";
import type { Record } from "../bots/bot.ts";

export interface ScheduleOptions {
  readonly planned: readonly PlannedFault[];
  readonly contextOf: (fault: PlannedFault) => FaultContext;
  readonly record: Record;
}

/** A proxy or a database that does not answer must not keep a run from ending. */
const injectDeadlineMs = 10_000;
const healDeadlineMs = 10_000;

/**
 * The faults of one round: injected at their times, and healed at theirs or by `healAll`, which every round calls
 * whatever happened.
 */
export class FaultSchedule {
  readonly #entries: readonly Entry[];
  readonly #record: Record;
  #running: Promise<unknown> = Promise.resolve();

  constructor({ planned, contextOf, record }: ScheduleOptions) {
    this.#record = record;
    this.#entries = planned.map((one) => ({
      planned: one,
      fault: make(one, contextOf(one)),
      mayStand: false,
    }));
  }

  /** Faults that stand from the very start are injected before the first bot moves. */
  async injectFirst(): Promise<void> {
    const first = this.#entries.filter(({ planned }) => planned.injectAtMs[0] === 0);
    for (const entry of first) await this.#inject(entry);
  }

  /** Starts the clock of all others; returns at once. They stop when `signal` aborts. */
  start(signal: AbortSignal): void {
    this.#running = Promise.all(this.#entries.map((entry) => this.#follow(entry, signal)));
  }

  /** Waits for injections under way, then heals every fault. Idempotent; never throws for a fault that resists. */
  async healAll(): Promise<void> {
    await this.#running;
    for (const entry of this.#entries) await this.#heal(entry);
  }

  async #follow(entry: Entry, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const until = (ms: number): Promise<void> => sleep(startedAt + ms - performance.now(), signal);
    for (const atMs of entry.planned.injectAtMs.filter((ms) => ms > 0)) {
      await until(atMs);
      if (signal.aborted) return;
      await this.#inject(entry);
    }
    if (entry.planned.healAtMs === null) return;
    await until(entry.planned.healAtMs);
    if (!signal.aborted) await this.#heal(entry);
  }

  async #inject(entry: Entry): Promise<void> {
    const { planned, fault } = entry;
    entry.mayStand = true;
    this.#note(planned, "injected");
    try {
      const deadline = { ms: injectDeadlineMs, what: `injecting ${planned.id}` };
      const { outcome, aim, note } = await withDeadline(fault.inject(), deadline);
      if (outcome !== "applied") this.#note(planned, outcome, { aim, note });
    } catch (error) {
      this.#note(planned, "error", { note: (error as Error).message });
    }
  }

  async #heal(entry: Entry): Promise<void> {
    if (!entry.mayStand) return;
    const { planned, fault } = entry;
    await this.#noteWitnessed(entry);
    try {
      await withDeadline(fault.heal(), { ms: healDeadlineMs, what: `healing ${planned.id}` });
      entry.mayStand = false;
      this.#note(planned, "healed");
    } catch (error) {
      this.#note(planned, "error", { note: `not healed: ${(error as Error).message}` });
    }
  }

  /** A witness that cannot be asked leaves it to the history. */
  async #noteWitnessed({ planned, fault }: Entry): Promise<void> {
    if (fault.witnessed === undefined) return;
    const deadline = { ms: healDeadlineMs, what: `asking what ${planned.id} has hit` };
    const hits = await withDeadline(fault.witnessed(), deadline).catch(() => null);
    if (hits === null) return;
    for (const { aim } of hits) this.#note(planned, "hit", { aim });
    if (hits.length === 0) this.#note(planned, "missed", { note: "it affected no connection" });
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
    this.#record({ op: "fault", type: "info", detail });
  }
}

interface Entry {
  readonly planned: PlannedFault;
  readonly fault: Fault;
  /** Injected, perhaps in part, and not healed since. */
  mayStand: boolean;
}

function make(planned: PlannedFault, context: FaultContext): Fault {
  const kind = kinds[planned.spec.kind];
  if (kind === undefined) throw new Error(`the plan has a fault of no kind: ${planned.spec.kind}`);
  return kind.create(planned.spec.settings as never, context);
}
