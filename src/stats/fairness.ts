import { assert } from "../base/assert.ts";

/**
 * Jain's fairness index of shares that are not negative, (Σx)² / (n · Σx²): 1 when all are equal, 1/n when one has
 * everything. Null where nothing was shared. Source: Jain, Chiu and Hawe, DEC-TR-301 (1984).
 */
export function jainFairness(shares: readonly number[]): number | null {
  assert(
    shares.every((share) => share >= 0 && Number.isFinite(share)),
    "shares are finite and not negative",
  );
  const largest = Math.max(0, ...shares);
  if (largest === 0) return null;
  // The index does not depend on the scale, and squares of parts of the largest can neither over- nor underflow.
  const parts = shares.map((share) => share / largest);
  const total = parts.reduce((sum, part) => sum + part, 0);
  const squares = parts.reduce((sum, part) => sum + part * part, 0);
  return (total * total) / (parts.length * squares);
}
