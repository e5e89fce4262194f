import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accusations } from "../checks/judged.ts";
import { legalRun } from "../histories/legal-model.ts";
import { modelOptions } from "../histories/model-options.ts";

/** What `test/checks/legal-histories.test.ts` tries a few hundred of: some false accusations were one in twenty thousand. */
const tried = 20_000;

/** Where most can go wrong: answers get lost, leases are short, and expired claims go to others. */
const lossy = modelOptions.map((options) => ({ ...options, losses: 0.3, takesExpired: true }));
const options = fc.oneof(modelOptions, lossy);
const witness = fc.record({
  uncertaintyNs: fc.constantFrom(0, 100_000, 3_000_000, null),
  isWhole: fc.boolean(),
});

describe("legal histories", () => {
  it("are never accused, with and without a witness", { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(options, fc.option(witness), (model, recorded) => {
        const { history, witness: log } = legalRun(model);
        const round = recorded === null ? undefined : log.round(recorded);
        expect(accusations(history, round)).toEqual([]);
      }),
      { numRuns: tried },
    );
    console.log(`legal histories: none of ${tried} accused`);
  });
});
