import { describe, expect, it } from "vitest";
import { noOverClaim } from "../../src/checks/no-over-claim.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf } from "./judged.ts";

function claimOf(jobs: number, limit?: number): HistoryBuilder {
  const more = Array.from({ length: jobs - 1 }, (_, at) => ({ job: at + 2 }));
  const asked = limit === undefined ? {} : { detail: { limit } };
  const history = new HistoryBuilder().begin().invoke(1, "claim", asked);
  return history.answer(1, "claim", "ok", { job: 1, detail: { more } });
}

describe("no-over-claim", () => {
  it("is violated by a claim that takes two hundred jobs for one", () => {
    expect(casesOf(noOverClaim, claimOf(200))[0]).toMatchObject({
      summary: "bot 1 asked for 1 and was granted 200 jobs (t=2.000 ms)",
      bots: [1],
    });
  });

  it("is violated by a batch that is larger than asked for", () => {
    expect(casesOf(noOverClaim, claimOf(6, 5))).toHaveLength(1);
  });

  it("passes what was asked for", () => {
    expect(verdictOf(noOverClaim, claimOf(5, 5))).toBe("passed");
    expect(verdictOf(noOverClaim, new HistoryBuilder().begin().granted(1, 1))).toBe("passed");
  });

  it("is inconclusive where nothing was granted", () => {
    expect(verdictOf(noOverClaim, new HistoryBuilder().begin())).toBe("inconclusive");
  });
});
