import { nsPerMs } from "../base/clock.ts";
import type { RoundDetail } from "../history/event.ts";
import { notesOf } from "../history/rounds.ts";
import type { RoundEvidence } from "./check.ts";

/**
 * A lease is reckoned by the database's clock, from a moment between the claim's two events, so by the bots' own it ends
 * between two times. A heartbeat that was accepted begins it anew.
 *
 * ```
 *   bot 3    claim invoke ───── claim ok
 *            ├────────── lease ─────────┤ heldUntil: up to here it has certainly not run out
 *                              ├────────── lease ─────────┤ overBy: from here on it certainly has
 * ```
 */
export interface LeaseEnd {
  readonly heldUntilNs: number;
  readonly overByNs: number;
}

/** A grant: event indexes. */
export interface LeasedGrant {
  /** Where its claim was asked for, and where the answer came. */
  readonly invoke: number;
  readonly event: number;
  readonly bot: number;
  /** -1: not told. */
  readonly attempt: number;
}

/** How long the claims of a round are good for; null where they have no lease. */
export function leasesOf(round: RoundEvidence): Leases | null {
  const detail = notesOf<RoundDetail>(round, "round")[0]?.detail;
  return detail?.leaseMs === undefined ? null : new Leases(round, detail.leaseMs);
}

export class Leases {
  readonly leaseMs: number;
  readonly #round: RoundEvidence;

  constructor(round: RoundEvidence, leaseMs: number) {
    this.#round = round;
    this.leaseMs = leaseMs;
  }

  /** The end of a grant's lease, with its bot's heartbeats up to the event `before`. */
  end(log: number, grant: LeasedGrant, before: number = Infinity): LeaseEnd {
    const { events, logs } = this.#round;
    let [heldFromNs, overFromNs] = [this.#earliestBegin(grant), events.t(grant.event)];
    for (let entry = this.#entryAfter(log, grant.event); entry < logs.to(log); entry++) {
      const event = logs.event(entry);
      if (event >= before) break;
      const op = events.op(event);
      // The bot was granted the job anew: what follows belongs to that.
      if (op === "claim" && events.bot(event) === grant.bot) break;
      if (op !== "heartbeat" || !this.#isOf(grant, event)) continue;
      const { isAccepted, endNs } = this.#beat(event);
      if (isAccepted) heldFromNs = Math.max(heldFromNs, events.t(event));
      overFromNs = Math.max(overFromNs, endNs);
    }
    const leaseNs = this.leaseMs * nsPerMs;
    return { heldUntilNs: heldFromNs + leaseNs, overByNs: overFromNs + leaseNs };
  }

  /** A bot that asks what it holds may be told of any claim that it ever asked for. */
  #earliestBegin({ event, invoke }: LeasedGrant): number {
    const { events } = this.#round;
    return events.op(event) === "claim" ? events.t(invoke) : -Infinity;
  }

  #isOf({ bot, attempt }: LeasedGrant, heartbeat: number): boolean {
    const { events } = this.#round;
    if (events.bot(heartbeat) !== bot) return false;
    const told = events.attempt(heartbeat);
    return told === -1 || attempt === -1 || told === attempt;
  }

  /** An answer that was lost may have been a yes, and the request may have been on its way until the bot went on. */
  #beat(heartbeat: number): { readonly isAccepted: boolean; readonly endNs: number } {
    const { events, operations } = this.#round;
    const operation = operations.at(heartbeat);
    const outcome = operations.outcome(operation);
    if (outcome === "ok") {
      return { isAccepted: true, endNs: events.t(operations.complete(operation)) };
    }
    if (outcome !== "unknown") return { isAccepted: false, endNs: -Infinity };
    const next = operations.next(operation);
    const endNs = next === -1 ? Infinity : events.t(operations.invoke(next));
    return { isAccepted: false, endNs };
  }

  /** The first entry of a log behind an event, by bisection. */
  #entryAfter(log: number, event: number): number {
    const { logs } = this.#round;
    let [low, high] = [logs.from(log), logs.to(log)];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (logs.event(middle) <= event) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
