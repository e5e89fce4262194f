import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { collectEvidence } from "../../src/checks/evidence.ts";
import { judgeStrategy } from "../../src/checks/judge.ts";
import type { StrategyJudgement } from "../../src/checks/judge.ts";
import { readHistory } from "../../src/history/reader.ts";

const folder = join(packageRoot, "test", "histories");

/** The files hold nothing but events, as a system other than ours would write them. */
const violated: Readonly<Record<string, readonly string[]>> = {
  "bot-points-at-nothing": ["jobs-bots-agree"],
  "completed-twice": ["fenced-settle", "nothing-lost", "terminal-states"],
  "effect-retried-after-an-unknown-commit": ["effect-once"],
  "limit-overrun": ["no-over-claim"],
  "poisoned-head": ["no-head-of-line-block"],
  "pop-before-work": ["nothing-lost"],
  "rescue-of-a-completed-job": ["terminal-states"],
  "reused-attempt": ["single-grant"],
  "select-then-update": ["single-grant", "no-overlap"],
  "stranded-claim": ["drained"],
  "two-bots-at-work": ["single-grant", "no-overlap"],
  "zombie-complete": ["fenced-settle"],
  legal: [],
};

async function judge(name: string): Promise<StrategyJudgement> {
  const { header, events } = await readHistory(join(folder, `${name}.ndjson`));
  const [evidence] = collectEvidence(header, events);
  if (evidence === undefined) throw new Error("the history has no strategy");
  return judgeStrategy(evidence);
}

describe("histories of other systems", () => {
  it("are all judged here", () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".ndjson"));
    const names = files.map((file) => file.replace(".ndjson", ""));
    expect(names.toSorted()).toEqual(Object.keys(violated).toSorted());
  });

  it.each(Object.entries(violated))("%s violates %j", async (name, checks) => {
    const { checks: judged } = await judge(name);
    const found = judged.filter(({ verdict }) => verdict === "violated");
    expect(found.map((check) => check.name)).toEqual(checks);
  });

  it("pass where nothing is wrong, without what only doubletake looks into", async () => {
    const { verdict, notJudged } = await judge("legal");
    expect(verdict).toBe("passed");
    expect(notJudged.map(({ name }) => name)).toEqual([
      "fenced-settle",
      "effect-once",
      "jobs-bots-agree",
      "constraints-hold",
      "verification-queries",
      "nothing-lost",
      "nothing-left-locked",
      "drained",
      "no-false-empty",
      "serial-keys",
      "rescued-in-time",
      "recovered",
    ]);
  });
});
