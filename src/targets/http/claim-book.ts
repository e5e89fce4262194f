import type { Claim } from "../../service/claim-run.ts";
import type { Work } from "../../service/lifecycle.ts";
import { JobNames } from "./job-names.ts";
import { valuesAt } from "./json-path.ts";
import { mismatch } from "./mismatch.ts";

/** Where an answer has what is to be known of the claims in it. */
export interface ClaimPaths {
  readonly job: string;
  readonly attempt?: string | undefined;
  readonly claim?: string | undefined;
  readonly work?: { readonly a: string; readonly b: string } | undefined;
}

/** What a service calls a claim, and the work it told of with it. */
export interface ClaimEntry {
  readonly id: string | number;
  readonly work: Work;
}

/** A settled claim may still be asked for, by a bot that comes late; of very old ones nobody does. */
const mostEntries = 100_000;

/** What was learned of claims from the service's answers. */
export class ClaimBook {
  readonly names = new JobNames();
  readonly #entries = new Map<string, ClaimEntry>();

  /** The claims of an answer, in its order; what it tells of them is kept. */
  claimsIn(json: unknown, paths: ClaimPaths, operation: string): Claim[] {
    const at = (path: string | undefined): readonly unknown[] =>
      path === undefined ? [] : valuesAt(json, path);
    const [attempts, ids] = [at(paths.attempt), at(paths.claim)];
    const work = { a: at(paths.work?.a), b: at(paths.work?.b) };
    return at(paths.job).map((name, place) => {
      const job = this.names.numberOf(name);
      if (job === undefined) throw mismatch(operation, `${JSON.stringify(name)} is no id of a job`);
      const claim = { job, attempt: attemptOf(attempts[place], operation) };
      const known = this.entryOf(claim);
      this.#keep(claim, {
        id: (ids[place] as string | number | undefined) ?? known.id,
        work: {
          a: Number(work.a[place] ?? known.work.a),
          b: Number(work.b[place] ?? known.work.b),
        },
      });
      return claim;
    });
  }

  /** What is known of a claim; of one that no answer told of, the job's id and a sum that is the job's number. */
  entryOf(claim: Claim): ClaimEntry {
    const { job } = claim;
    const unknown = { id: this.names.nameOf(job), work: { a: job, b: 0 } };
    return this.#entries.get(keyOf(claim)) ?? unknown;
  }

  /** The work that an answer tells of; where it tells of none, what is known. */
  workIn(json: unknown, claim: Claim, paths: ClaimPaths["work"]): Work {
    const known = this.entryOf(claim);
    if (paths === undefined) return known.work;
    const [[a], [b]] = [valuesAt(json, paths.a), valuesAt(json, paths.b)];
    const work = { a: Number(a ?? known.work.a), b: Number(b ?? known.work.b) };
    this.#keep(claim, { ...known, work });
    return work;
  }

  #keep(claim: Claim, entry: ClaimEntry): void {
    this.#entries.set(keyOf(claim), entry);
    if (this.#entries.size <= mostEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function attemptOf(value: unknown, operation: string): number | null {
  if (value === undefined) return null;
  const attempt = Number(value);
  if (Number.isSafeInteger(attempt) && attempt >= 0) return attempt;
  throw mismatch(operation, `${JSON.stringify(value)} is no number of an attempt`);
}

function keyOf({ job, attempt }: Claim): string {
  return `${job} ${attempt ?? ""}`;
}
