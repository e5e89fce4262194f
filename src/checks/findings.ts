import { evidenceLimit } from "./check.ts";
import type { Case, Judgement, RoundEvidence } from "./check.ts";

/** Counts what a check finds, and keeps the first cases of it. */
export class Findings {
  readonly #cases: Case[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** `tell` is only called while there is room: putting a case into words takes longer than finding it. */
  add(tell: () => Case): void {
    this.#count++;
    if (this.#cases.length < evidenceLimit) this.#cases.push(tell());
  }

  /** For what is counted elsewhere: `times` more than the cases told. */
  addUntold(times: number): void {
    this.#count += times;
  }

  /** Violated if anything was found, else passed. */
  judgement(note?: string): Judgement {
    const verdict = this.#count > 0 ? "violated" : "passed";
    return { verdict, count: this.#count, evidence: this.#cases, note };
  }

  /** For a check that lacks something: what it found is true all the same, but finding nothing proves nothing. */
  inconclusiveUnlessFound(note: string): Judgement {
    return this.#count > 0 ? this.judgement(note) : inconclusive(note);
  }
}

export function inconclusive(note: string): Judgement {
  return { verdict: "inconclusive", count: 0, evidence: [], note };
}

export function notJudged(reason: string): Judgement {
  return { verdict: "not-judged", reason };
}

/** `t=12.402 ms`: since the run began, as in the history. */
export function timeText({ events }: Pick<RoundEvidence, "events">, event: number): string {
  return `t=${(events.t(event) / 1e6).toFixed(3)} ms`;
}

/** `3 jobs`, `1 job`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
