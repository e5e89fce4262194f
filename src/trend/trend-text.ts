import { valueText } from "../compare/comparison-text.ts";
import { metricName } from "../report/comparison-text.ts";
import type { Trend, TrendChange, TrendSeries } from "./trend-result.ts";

/** "1 run", "12 runs". */
export function runsText({ runs }: Trend): string {
  return `${runs} run${runs === 1 ? "" : "s"}`;
}

/** "2026-11-24". */
export function day(startedAt: string): string {
  return startedAt.slice(0, 10);
}

/** `+12 %`, `−3.4 %`: how much larger the new level is. */
export function percentText(ratio: number): string {
  const percent = (ratio - 1) * 100;
  const digits = Math.abs(percent) < 10 ? 1 : 0;
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(digits)} %`;
}

/** "2026-11-24: claims/s of skip-locked in quickstart, 512 → 431 (−16 %), worse". */
export function changeText(series: TrendSeries, change: TrendChange): string {
  const { metric, strategy, scenario } = series;
  const values = [change.before, change.after].map((value) => valueText(metric, value));
  const what = `${metricName(metric)} of ${strategy} in ${scenario}`;
  return `${day(change.startedAt)}: ${what}, ${values.join(" → ")} (${percentText(change.ratio)}), ${change.direction}`;
}

/** All changes of all series with their sentences, the latest first. */
export function changesByDate(
  all: readonly TrendSeries[],
): readonly { readonly change: TrendChange; readonly text: string }[] {
  return all
    .flatMap((series) =>
      series.changePoints.map((change) => ({ change, text: changeText(series, change) })),
    )
    .toSorted((a, b) => (a.change.startedAt < b.change.startedAt ? 1 : -1));
}
