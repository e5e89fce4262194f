import type { Claim } from "../claim-run.ts";

/** "9-2": job 9, attempt 2; "9" where the strategy does not tell its attempts. */
export function claimId({ job, attempt }: Claim): string {
  return attempt === null ? String(job) : `${job}-${attempt}`;
}

/** What a claim id looks like: numbers that JavaScript can hold. */
export const claimIdPattern = /^\d{1,15}(-\d{1,9})?$/;

/** The reverse of `claimId`; the text matches `claimIdPattern`. */
export function parseClaimId(text: string): Claim {
  const [job, attempt] = text.split("-");
  return { job: Number(job), attempt: attempt === undefined ? null : Number(attempt) };
}
