import { describe, expect, it } from "vitest";
import { collectEvidence } from "../../../src/checks/evidence.ts";
import { judgeStrategy } from "../../../src/checks/judge.ts";
import { summarize } from "../../../src/report/summarize.ts";
import type { Load } from "../../../src/scenario/load.ts";
import { HistoryBuilder } from "../../histories/builder.ts";

/** A load of a second; the last grant at this time, and a claim after it that finds nothing where `finds` says so. */
function warnings(load: Load, lastGrantMs: number, end: "nothing" | "a job"): readonly string[] {
  const history = new HistoryBuilder({ load }).begin();
  history.phase("set-up", "begin").enqueue(9).phase("set-up", "end");
  history.at(1000).phase("load", "begin");
  history.granted(1, 1, 1).completed(1, 1, 1);
  history
    .at(1000 + lastGrantMs)
    .granted(1, 2, 1)
    .completed(1, 2, 1);
  history.at(1970);
  if (end === "nothing") history.does(2, "claim", "empty");
  else history.granted(2, 3, 1);
  history.at(2000).phase("load", "end").end();
  const header = history.header();
  const strategies = collectEvidence(header, history.events).map((evidence) => ({
    evidence,
    judgement: judgeStrategy(evidence),
  }));
  const told = {
    header,
    strategies,
    durationMs: 2000,
    interrupted: false,
    warnings: [],
    replay: "",
  };
  return summarize(told).warnings.filter((warning) => warning.includes("found no job any more"));
}

const window: Load = { kind: "duration", forMs: 1000 };

describe("a load that outlives its jobs", () => {
  it("is told of, because its rate says how many jobs there were", () => {
    expect(warnings(window, 500, "nothing")).toEqual([expect.stringContaining("in 1 of 1 rounds")]);
  });

  it("is one in which nothing is granted to the end, however empty some answers are", () => {
    expect(warnings(window, 920, "nothing")).toEqual([]);
    expect(warnings(window, 500, "a job")).toEqual([]);
  });

  it("is no matter where the load ends with its jobs: the rate does, too", () => {
    expect(warnings({ kind: "drain" }, 500, "nothing")).toEqual([]);
  });
});
