import { describe, expect, it } from "vitest";

import { seededRandom } from "../../src/base/random.ts";
import type { ResultFile } from "../../src/report/read-all.ts";
import { makeTrend } from "../../src/trend/make-trend.ts";
import { trendPage } from "../../src/trend/trend-page.ts";
import { trendSchema } from "../../src/trend/trend-result.ts";
import type { Trend, TrendSeries } from "../../src/trend/trend-result.ts";
import { changesByDate } from "../../src/trend/trend-text.ts";
import { at, runOf } from "../compare/results.ts";

/** Nightly runs whose subject claims at these rates, with 2 % of noise. */
function nights(rates: readonly number[], name = "skip-locked"): readonly ResultFile[] {
  const random = seededRandom(1, "nights");
  return rates.map((rate, night) => {
    const perSecond = [rate, rate, rate].map((each) => each * random.between(0.98, 1.02));
    const metrics = { claimsPerSecond: perSecond };
    const run = runOf({ startedAt: at(night), metrics, subject: { name } });
    return { ...run, path: `all/night-${night}/result.json` };
  });
}

function trendOf(files: readonly ResultFile[]): Trend {
  return trendSchema.parse(makeTrend("all", files));
}

function ratesOf(trend: Trend, strategy = "skip-locked"): TrendSeries {
  const found = trend.series.find(
    (series) => series.metric === "claimsPerSecond" && series.strategy === strategy,
  );
  return found as TrendSeries;
}

const slower = [...Array<number>(12).fill(1000), ...Array<number>(9).fill(850)];

describe("a trend", () => {
  it("shows a slow-down that stayed, from which run on, and by how much", () => {
    const { points, changePoints } = ratesOf(trendOf(nights(slower)));
    expect(points).toHaveLength(21);
    expect(points[3]).toMatchObject({ path: "night-3", startedAt: at(3) });
    expect(changePoints).toHaveLength(1);
    expect(changePoints[0]).toMatchObject({ index: 12, startedAt: at(12), direction: "worse" });
    expect(changePoints[0]?.ratio).toBeCloseTo(0.85, 1);
  });

  it("calls more claims better, and none a change where there is none", () => {
    const faster = ratesOf(trendOf(nights(slower.map((rate) => 1_000_000 / rate))));
    expect(faster.changePoints[0]?.direction).toBe("better");
    const steady = ratesOf(trendOf(nights(Array<number>(21).fill(1000))));
    expect(steady.changePoints).toEqual([]);
  });

  it("never mixes machines: another number of CPUs begins another series", () => {
    const moved = nights(slower).map((file, night) => {
      const { environment } = file.result;
      const cpus = night < 12 ? 2 : 8;
      return { ...file, result: { ...file.result, environment: { ...environment, cpus } } };
    });
    const trend = trendOf(moved);
    const rates = trend.series.filter(
      ({ metric, strategy }) => metric === "claimsPerSecond" && strategy === "skip-locked",
    );
    expect(rates.map(({ points }) => points.length)).toEqual([12, 9]);
    expect(rates.flatMap(({ changePoints }) => changePoints)).toEqual([]);
  });

  it("keeps a run that stood still out of the scale, and counts it", () => {
    const stalled = [...nights([1000, 1000]), runOf({ metrics: { claimsPerSecond: [0, 0] } })];
    const trend = trendOf(stalled);
    expect(trend.runs).toBe(3);
    expect(ratesOf(trend).points).toHaveLength(2);
  });
});

describe("the page of a trend", () => {
  it("names each change, the latest first, and links to the runs", () => {
    const trend = trendOf(nights(slower));
    const page = trendPage(trend);
    const [change] = changesByDate(trend.series);
    expect(change?.text).toMatch(
      /^2026-01-01: claims\/s of skip-locked in quickstart, .* → .* \(−15 %\), worse$/,
    );
    expect(page).toContain(change?.text);
    expect(page).toContain('href="./night-3/report.html"');
    expect(page.match(/<svg class="for-page"/g)).toHaveLength(trend.series.length);
  });

  it("escapes what comes from results and folders", () => {
    const [first] = nights([1000], "<script>alert(1)</script>") as [ResultFile];
    const page = trendPage(trendOf([{ ...first, path: "all/<b>javascript:/result.json" }]));
    expect(page).not.toContain("<script>");
    expect(page).not.toContain("<b>");
    expect(page).toContain("./%3Cb%3Ejavascript%3A/report.html");
  });
});
