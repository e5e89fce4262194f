import { NumberMap } from "../history/number-map.ts";
import type { RoundEvidence, WitnessEvidence } from "./check.ts";

/** How often a check has accused each job from the history alone, so that the witness does not accuse it once more. */
export class Accusations {
  readonly #left = new Map<number, number>();

  add(job: number, times: number): void {
    if (times > 0) this.#left.set(job, (this.#left.get(job) ?? 0) + times);
  }

  /** Whether the history accuses the job, too; each accusation answers once. */
  take(job: number): boolean {
    const left = this.#left.get(job) ?? 0;
    if (left > 0) this.#left.set(job, left - 1);
    return left > 0;
  }
}

/** A transition of a job's row, and the one that made the row what it was before; -1: it was as it was enqueued. */
export interface Step {
  readonly transition: number;
  readonly before: number;
}

/**
 * The witness's transitions in commit order, each with the one of the same job before it. None where the witness is
 * not whole: what is missing may be the very release that made a grant legal.
 */
export function* stepsOf(witness: WitnessEvidence): Generator<Step> {
  if (!witness.isWhole) return;
  const { transitions } = witness;
  const latest = new NumberMap();
  for (let transition = 0; transition < transitions.length; transition++) {
    const job = transitions.job(transition);
    const before = latest.get(job);
    // A start changes nothing about who holds the job.
    if (transitions.kind(transition) === "start" && before !== -1) continue;
    latest.set(job, transition);
    yield { transition, before };
  }
}

/** Operations answered `ok` that a whole witness knows nothing of. */
export function unwitnessed(
  { witness, operations }: RoundEvidence,
  ops: readonly string[],
): readonly number[] {
  const all = witness?.resolution.unwitnessed ?? [];
  return all.filter((operation) => ops.includes(operations.op(operation)));
}
