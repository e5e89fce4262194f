import { describe, expect, it } from "vitest";
import { verificationQueries } from "../../src/checks/verification-queries.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf, foreignEvidenceOf, judged } from "./judged.ts";

function asked(count: number): HistoryBuilder {
  const rows = count === 0 ? [] : [{ job_id: 7 }];
  const queries = [
    { name: "jobs-with-several-bots", count, rows },
    { name: "impossible-job-states", count: 0, rows: [] },
  ];
  return new HistoryBuilder().begin().inspect({ what: "verification", queries });
}

describe("verification-queries", () => {
  it("is violated by a query that finds rows, and counts them", () => {
    const [found] = casesOf(verificationQueries, asked(501));
    expect(found?.summary).toBe(
      `jobs-with-several-bots found 501 rows (t=1.000 ms), such as {"job_id":7}`,
    );
    expect(judged(verificationQueries, asked(501))).toMatchObject({ count: 501 });
  });

  it("passes where every query counts 0", () => {
    expect(verdictOf(verificationQueries, asked(0))).toBe("passed");
  });

  it("is inconclusive where a round was never asked, or no query", () => {
    expect(verdictOf(verificationQueries, asked(0).end().begin())).toBe("inconclusive");
    const none = new HistoryBuilder().begin().inspect({ what: "verification", queries: [] });
    expect(verdictOf(verificationQueries, none)).toBe("inconclusive");
  });

  it("is not judged where another system has no such queries", () => {
    const foreign = foreignEvidenceOf(new HistoryBuilder().begin().granted(1, 1));
    expect(verificationQueries.judge(foreign).verdict).toBe("not-judged");
  });
});
