import { NumberMap } from "./number-map.ts";
import type { OperationTimes, RoundHistory } from "./witness-times.ts";

export interface GivenGrant {
  readonly bot: number;
  readonly at: number;
  readonly xid: number;
}

const none = -1;

/**
 * The claims of each bot, to be given the grants that no answer tells of: in commit order, so that a bot's claims are
 * walked once.
 */
export class BotClaims {
  readonly #times: OperationTimes;
  readonly #numbers = new NumberMap();
  readonly #bots: Claims[] = [];

  constructor({ operations }: RoundHistory, times: OperationTimes) {
    this.#times = times;
    for (let operation = 0; operation < operations.length; operation++) {
      if (operations.op(operation) !== "claim") continue;
      const isLost = operations.outcome(operation) === "unknown";
      this.#claimsOf(operations.bot(operation)).add(operation, isLost);
    }
  }

  /** The claim that the grant must have been; -1: none can. */
  give({ bot, at, xid }: GivenGrant): number {
    if (bot < 0 || this.#numbers.get(bot) === none) return none;
    return this.#claimsOf(bot).give(at, xid, this.#times);
  }

  #claimsOf(bot: number): Claims {
    const known = this.#numbers.get(bot);
    if (known !== none) return this.#bots[known] as Claims;
    this.#numbers.set(bot, this.#bots.length);
    const claims = new Claims();
    this.#bots.push(claims);
    return claims;
  }
}

/** One bot's claims in order. Those whose answers were lost are free until a grant is given to them. */
class Claims {
  readonly #operations: number[] = [];
  readonly #isFree: boolean[] = [];
  /** Claims before this one were invoked before the last grant was committed. */
  #reached = 0;
  /** The free ones among them, the latest on top. */
  readonly #free: number[] = [];
  #lastXid = Number.NaN;
  #lastOperation = none;

  add(operation: number, isLost: boolean): void {
    this.#operations.push(operation);
    this.#isFree.push(isLost);
  }

  give(at: number, xid: number, times: OperationTimes): number {
    // One claim may grant several jobs, all in one transaction.
    if (xid !== this.#lastXid) {
      this.#lastXid = xid;
      this.#lastOperation = this.#choose(at, times);
    }
    return this.#lastOperation;
  }

  #choose(at: number, times: OperationTimes): number {
    this.#reach(at, times);
    const latest = this.#operations[this.#reached - 1];
    const isLatestFree = latest !== undefined && this.#free.at(-1) === latest;
    // The bot had another claim in flight just then, and was told that it came to something else.
    if (latest !== undefined && !isLatestFree && times.isWellWithin(latest, at)) return none;
    const before = this.#free.at(-1) ?? none;
    const after = this.#isFree[this.#reached] ? (this.#operations[this.#reached] as number) : none;
    const [awayBefore, awayAfter] = [before, after].map((operation) =>
      operation === none ? Number.POSITIVE_INFINITY : times.distance(operation, at),
    ) as [number, number];
    if (awayBefore === Number.POSITIVE_INFINITY && awayAfter === awayBefore) return none;
    if (awayBefore <= awayAfter) return this.#free.pop() as number;
    this.#isFree[this.#reached] = false;
    return after;
  }

  #reach(at: number, times: OperationTimes): void {
    while (this.#reached < this.#operations.length) {
      const operation = this.#operations[this.#reached] as number;
      if (times.invokedAt(operation) > at) return;
      if (this.#isFree[this.#reached]) this.#free.push(operation);
      this.#reached++;
    }
  }
}
