import { metricName } from "../report/comparison-text.ts";
import { bytes, milliseconds, notAvailable, rate, ratio } from "../report/number.ts";
import type { Tone } from "../report/standing.ts";
import type { ChangeResult, ComparedResult, Decision } from "./comparison-result.ts";

/** A decision in words; what a reader must act on is in capitals, so that no colour is needed. */
export const decisionTexts: Readonly<Record<Decision, { text: string; tone: Tone }>> = {
  better: { text: "better", tone: "good" },
  same: { text: "same", tone: "good" },
  worse: { text: "WORSE", tone: "bad" },
  inconclusive: { text: "unclear", tone: "unsure" },
};

/** Behind the decision of what is told and decides nothing; the notes of a comparison say why. */
export const advisoryMark = "*";

/** One row of the table of numbers, as texts. */
export interface ComparedTexts {
  readonly metric: string;
  readonly baseline: string;
  readonly current: string;
  readonly ratio: string;
  readonly decision: string;
}

export function comparedTexts(compared: ComparedResult): ComparedTexts {
  const { metric, baselineMean, currentMean, decision, advisory } = compared;
  const { text } = decisionTexts[decision];
  return {
    metric: metricName(metric),
    baseline: valueText(metric, baselineMean),
    current: valueText(metric, currentMean),
    ratio: ratioText(compared),
    decision: advisory ? `${text.toLowerCase()}${advisoryMark}` : text,
  };
}

/** The comparisons of each strategy of each scenario, under a title. */
export function titledGroups(
  comparisons: readonly ComparedResult[],
): readonly (readonly [title: string, rows: readonly ComparedResult[]])[] {
  const groups = new Map<string, ComparedResult[]>();
  for (const compared of comparisons) {
    const title = `${compared.scenario}, ${compared.strategy}`;
    groups.set(title, [...(groups.get(title) ?? []), compared]);
  }
  return [...groups];
}

/** "single-grant of skip-locked: passed → violated". */
export function changeText({ strategy, property, kind, baseline, current }: ChangeResult): string {
  const subject = kind === "expectation" ? property : `${property} of ${strategy}`;
  return `${subject}: ${baseline} → ${current}`;
}

/** `1.04× [0.98–1.10]`, led by `~` where the interval holds 1. */
function ratioText({ ratio: point, low, high, significant }: ComparedResult): string {
  if (point === null) return notAvailable;
  if (low === null || high === null) return `~ ${ratio(point)}× (no interval)`;
  if (low === high) return `${ratio(point)}×`;
  return `${significant ? "" : "~ "}${ratio(point)}× [${ratio(low)}–${ratio(high)}]`;
}

/** A number of that metric with its unit. */
export function valueText(metric: string, value: number | null): string {
  if (metric.startsWith("latencyMs.")) return milliseconds(value);
  return metric.endsWith("Bytes") ? bytes(value) : rate(value);
}
