import type { EventWindow, Operations } from "./operations.ts";
import type { TransitionKind } from "./witness-transitions.ts";

/** A round of a history, its operations paired. */
export interface RoundHistory extends EventWindow {
  readonly operations: Operations;
}

/** The database's times are whole microseconds. */
const resolutionNs = 1_000;

/** Holds the times of a witness against those of a history, which are off against each other by a known bound. */
export class OperationTimes {
  readonly #history: RoundHistory;
  readonly #slackNs: number;

  /** Where the clocks could not be compared (`uncertaintyNs` is null) every time may be any other. */
  constructor(history: RoundHistory, uncertaintyNs: number | null) {
    this.#history = history;
    this.#slackNs = (uncertaintyNs ?? Number.POSITIVE_INFINITY) + resolutionNs;
  }

  invokedAt(operation: number): number {
    const { events, operations } = this.#history;
    return events.t(operations.invoke(operation));
  }

  /** When the answer came; of an operation without one, when the bot went on to the next; infinity: it never did. */
  endedAt(operation: number): number {
    const { events, operations } = this.#history;
    const complete = operations.complete(operation);
    if (complete !== -1 && operations.outcome(operation) !== "unknown") return events.t(complete);
    const next = operations.next(operation);
    return next === -1 ? Number.POSITIVE_INFINITY : this.invokedAt(next);
  }

  /**
   * Whether what was committed at `at` can be what the answered operation did. A resume (it tells of a grant) finds what
   * was granted at any time before.
   */
  wasInFlight(operation: number, at: number, kind: TransitionKind): boolean {
    if (at > this.endedAt(operation) + this.#slackNs) return false;
    const isFound = kind === "grant" && this.#history.operations.op(operation) === "resume";
    return isFound || !(at < this.invokedAt(operation) - this.#slackNs);
  }

  /**
   * How far `at` lies outside of the operation's time; infinity: before it, by more than the clocks can be off. After
   * it is possible, where a bot goes on while the server is still busy with what the bot has given up.
   */
  distance(operation: number, at: number): number {
    if (Number.isNaN(at)) return 0;
    const earlyNs = this.invokedAt(operation) - at;
    if (earlyNs > this.#slackNs) return Number.POSITIVE_INFINITY;
    return Math.max(0, earlyNs, at - this.endedAt(operation));
  }

  /** Whether `at` lies in the time of an answered operation, however far the clocks are off. */
  isWellWithin(operation: number, at: number): boolean {
    const isAfter = at > this.invokedAt(operation) + this.#slackNs;
    return isAfter && at < this.endedAt(operation) - this.#slackNs;
  }
}
