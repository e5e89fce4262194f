import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Operations } from "../../src/history/operations.ts";
import { resolveUnknowns } from "../../src/history/witness-resolution.ts";
import type { Resolution } from "../../src/history/witness-resolution.ts";
import { runModel } from "../histories/model.ts";
import type { ModelOptions, ModelRun } from "../histories/model.ts";

interface Resolved {
  readonly operations: Operations;
  readonly resolution: Resolution;
  /** Operations in doubt. */
  readonly doubtful: readonly number[];
}

/** Steps are a millisecond apart; the clocks are off by less than that, and nobody knows which way. */
const uncertaintyNs = 400_000;

function resolve({ history, witness }: ModelRun): Resolved {
  const window = { events: history.events, from: 0, to: history.events.length };
  const operations = new Operations(window);
  const resolution = resolveUnknowns({ ...window, operations }, witness.round({ uncertaintyNs }));
  const all = Array.from({ length: operations.length }, (_, operation) => operation);
  const doubtful = all.filter((operation) => resolution.truth(operation) !== null);
  return { operations, resolution, doubtful };
}

const options = (
  fixed: Pick<ModelOptions, "isUnsafe" | "tellsAttempt">,
): fc.Arbitrary<ModelOptions> =>
  fc
    .record({
      seed: fc.nat(),
      bots: fc.integer({ min: 1, max: 6 }),
      jobs: fc.integer({ min: 1, max: 12 }),
      steps: fc.integer({ min: 1, max: 400 }),
      limit: fc.integer({ min: 1, max: 3 }),
      skewMs: fc.integer({ min: -400, max: 400 }).map((us) => us / 1000),
    })
    .map((drawn) => ({ ...drawn, ...fixed }));

describe("resolveUnknowns, against a model of a queue", () => {
  it("finds the truth of every operation in doubt, and every grant nobody heard of", () => {
    fc.assert(
      fc.property(options({ isUnsafe: false, tellsAttempt: true }), (drawn) => {
        const run = runModel(drawn);
        const { resolution, doubtful } = resolve(run);
        const found = doubtful.map((operation) => resolution.truth(operation) === "happened");
        expect(found).toEqual(run.truths.map(({ happened }) => happened));
        const unheard = resolution.unheard.map(
          ({ job, attempt }) => `job ${job} attempt ${attempt}`,
        );
        expect(unheard).toEqual(run.unheard);
        expect(resolution.unwitnessed).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("finds the truth of claims also where jobs are taken away and attempts are not told", () => {
    fc.assert(
      fc.property(options({ isUnsafe: true, tellsAttempt: false }), (drawn) => {
        const run = runModel(drawn);
        const { resolution, doubtful, operations } = resolve(run);
        const found = doubtful.flatMap((operation) =>
          operations.op(operation) === "claim" ? [resolution.truth(operation) === "happened"] : [],
        );
        expect(resolution.unwitnessed).toEqual([]);
        const claims = run.truths.filter(({ op }) => op === "claim");
        expect(found).toEqual(claims.map(({ happened }) => happened));
        const unheard = resolution.unheard.map(
          ({ job, attempt }) => `job ${job} attempt ${attempt}`,
        );
        expect(unheard).toEqual(run.unheard);
      }),
      { numRuns: 300 },
    );
  });
});
