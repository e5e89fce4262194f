import { describe, expect, it } from "vitest";
import type { Evidence } from "../../src/checks/check.ts";
import { jobsBotsAgree } from "../../src/checks/jobs-bots-agree.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, evidenceOf, verdictOf, foreignEvidenceOf, judged } from "./judged.ts";

function loaded(): HistoryBuilder {
  return new HistoryBuilder().begin().phase("load", "begin");
}

describe("jobs-bots-agree", () => {
  it("is violated by a disagreement that heals itself before the end", () => {
    const history = loaded().agreement(3).agreement(0).phase("load", "end").agreement(0);
    const [found] = casesOf(jobsBotsAgree, history);
    expect(found?.summary).toBe(
      "3 rows disagreed in the snapshot at t=2.000 ms, such as job 1 and bot 1: bot points elsewhere",
    );
    expect(judged(jobsBotsAgree, history)).toMatchObject({ count: 3 });
  });

  it("is violated by a disagreement at the end, though nothing was compared before", () => {
    expect(casesOf(jobsBotsAgree, loaded().phase("load", "end").agreement(1))).toHaveLength(1);
  });

  it("passes with samples during the load and one after it", () => {
    const history = loaded().agreement().phase("load", "end").agreement();
    expect(verdictOf(jobsBotsAgree, history)).toBe("passed");
  });

  it("says what it does not compare where a bot may hold several jobs", () => {
    const evidence = evidenceOf(loaded().agreement().phase("load", "end").agreement());
    const { plan } = evidence;
    const scenario = { ...plan.scenario, claims: { leaseMs: 1000, limit: 3 } };
    const note = (told: Evidence) => (jobsBotsAgree.judge(told) as { note?: string }).note;
    expect(note(evidence)).toBe("2 snapshots compared");
    expect(note({ ...evidence, plan: { ...plan, scenario } })).toBe(
      "2 snapshots compared; only from bots to jobs, since a bot may hold several and points at one",
    );
  });

  it("passes where one round was too short for a sample and another was not", () => {
    const history = loaded().agreement().phase("load", "end").agreement().end();
    history.begin().phase("load", "begin").phase("load", "end").agreement().end();
    expect(verdictOf(jobsBotsAgree, history)).toBe("passed");
  });

  it("is inconclusive without a sample, without one in the load, and without the last", () => {
    expect(verdictOf(jobsBotsAgree, loaded())).toBe("inconclusive");
    expect(verdictOf(jobsBotsAgree, loaded().phase("load", "end").agreement())).toBe(
      "inconclusive",
    );
    expect(verdictOf(jobsBotsAgree, loaded().agreement().phase("load", "end"))).toBe(
      "inconclusive",
    );
    expect(verdictOf(jobsBotsAgree, loaded().agreement().agreement())).toBe("inconclusive");
  });

  it("is not judged where another system never compares", () => {
    expect(jobsBotsAgree.judge(foreignEvidenceOf(loaded())).verdict).toBe("not-judged");
  });
});
