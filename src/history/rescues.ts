import type { RescueDetail, RescuedClaim } from "./event.ts";
import type { EventWindow, Operations } from "./operations.ts";

/** When a rescue took effect: event indexes, `end` exclusive of what came after its answer. */
export interface RescueSpan {
  readonly invoke: number;
  /** Infinity: it was not answered, and may still take effect. */
  readonly end: number;
}

/** The rescues of a window, by the event that asked for them. */
export class Rescues {
  readonly #window: EventWindow;
  readonly #operations: Operations;
  /** A rescue may take thousands of claims at once, and each of their jobs asks for its own. */
  readonly #claims = new Map<number, ReadonlyMap<number, RescuedClaim>>();
  /** Those that may have happened and of which nobody knows what they took, in order. */
  readonly nameless: readonly RescueSpan[];

  constructor(window: EventWindow, operations: Operations) {
    this.#window = window;
    this.#operations = operations;
    this.nameless = this.#findNameless();
  }

  /** What the rescue took from the job's holder, as far as it was told. */
  claim(rescue: number, job: number): RescuedClaim {
    const named = this.#claimsOf(rescue).get(job);
    if (named !== undefined) return named;
    const attempt = this.#operations.attempt(this.#operations.at(rescue));
    return attempt === -1 ? { job } : { job, attempt };
  }

  /** Undefined: it certainly did not happen. */
  span(rescue: number): RescueSpan | undefined {
    const operation = this.#operations.at(rescue);
    const outcome = this.#operations.outcome(operation);
    if (outcome !== "ok" && outcome !== "unknown") return undefined;
    const end = outcome === "ok" ? this.#operations.complete(operation) : Infinity;
    return { invoke: this.#operations.invoke(operation), end };
  }

  #claimsOf(rescue: number): ReadonlyMap<number, RescuedClaim> {
    const known = this.#claims.get(rescue);
    if (known !== undefined) return known;
    const complete = this.#operations.complete(this.#operations.at(rescue));
    const detail = complete === -1 ? undefined : this.#window.events.detail(complete);
    const told = (detail as RescueDetail | undefined)?.jobs ?? [];
    const claims = new Map(told.map((claim) => [claim.job, claim]));
    this.#claims.set(rescue, claims);
    return claims;
  }

  #findNameless(): readonly RescueSpan[] {
    const operations = this.#operations;
    const nameless: RescueSpan[] = [];
    for (let operation = 0; operation < operations.length; operation++) {
      if (operations.op(operation) !== "rescue" || operations.job(operation) !== -1) continue;
      const invoke = operations.invoke(operation);
      const span = this.span(invoke);
      if (span !== undefined && this.#claimsOf(invoke).size === 0) nameless.push(span);
    }
    return nameless;
  }
}
