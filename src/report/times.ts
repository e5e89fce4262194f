import { median } from "../stats/quantile.ts";
import { outcomeTexts } from "./batch.ts";
import type { TimeEntry } from "./batch.ts";
import { duration } from "./number.ts";

/**
 * Several runs of one scenario with the same seed, in words. The plan is the same each time: the faults, their moments,
 * the work. What the operating system does with it is not, so counts differ; a verdict that differs cannot be relied on.
 */

/** How a time came out: two times with the same text have the same verdict, of the run and of each strategy. */
export function verdictOf({ outcome, exitCode, strategies }: TimeEntry): string {
  const each = strategies.map(({ name, verdict }) => `${name} ${verdict}`);
  return [outcome, String(exitCode), ...each].join(", ");
}

export function isAlike(times: readonly TimeEntry[]): boolean {
  return new Set(times.map(verdictOf)).size <= 1;
}

/** "skip-locked passed 10×, naive caught 10× by single-grant", or which times came out in which way. */
export function verdictsText(times: readonly TimeEntry[]): string {
  const [first] = times;
  if (first === undefined) return "never run";
  if (!isAlike(times)) return differenceText(times);
  if (first.strategies.length === 0) return `${times.length}×: ${first.headline}`;
  return first.strategies.map(({ name }) => strategyText(name, times)).join(", ");
}

/** "times 1, 2, 4 passed; time 3 inconclusive: no control was caught". */
function differenceText(times: readonly TimeEntry[]): string {
  const ways = new Map<string, number[]>();
  for (const [place, time] of times.entries()) {
    const verdict = verdictOf(time);
    ways.set(verdict, [...(ways.get(verdict) ?? []), place + 1]);
  }
  const texts = [...ways.values()].map((numbers) => {
    const { outcome, headline } = times[(numbers[0] as number) - 1] as TimeEntry;
    const which = `${numbers.length === 1 ? "time" : "times"} ${numbers.join(", ")}`;
    const why = outcome === "passed" ? "" : `: ${headline}`;
    return `${which} ${outcomeTexts[outcome].text}${why}`;
  });
  return texts.join("; ");
}

function strategyText(name: string, times: readonly TimeEntry[]): string {
  const met = times.flatMap(({ strategies }) => strategies.filter((each) => each.name === name));
  const { role, verdict } = met[0] as TimeEntry["strategies"][number];
  if (role === "subject") return `${name} ${verdict} ${met.length}×`;
  if (verdict !== "violated") return `${name} not caught ${met.length}×`;
  return `${name} caught ${met.length}× by ${alwaysViolated(met).join(", ") || "one check or another"}`;
}

/** The checks that were violated each time: what a control can be relied on to be caught by. */
function alwaysViolated(met: readonly TimeEntry["strategies"][number][]): readonly string[] {
  const [first] = met;
  return (first?.violated ?? []).filter((check) =>
    met.every(({ violated }) => violated.includes(check)),
  );
}

/** "disconnect-2 hit 38–52×, corrupt-state-5 hit 12×": the fewest and the most that one strategy met in one time. */
export function hitsText(times: readonly TimeEntry[]): string {
  const met = times.flatMap(({ strategies }) => strategies.flatMap(({ faults }) => faults));
  const names = [...new Set(met.map(({ fault }) => fault))];
  return names
    .map((name) => {
      const hits = met.filter(({ fault }) => fault === name).map(({ hit }) => hit);
      const [least, most] = [Math.min(...hits), Math.max(...hits)];
      return `${name} hit ${least === most ? least : `${least}–${most}`}×`;
    })
    .join(", ");
}

/** "19.2 s [18.4 s–23.1 s]": the median, and from the shortest to the longest. */
export function tookText(times: readonly TimeEntry[]): string {
  const took = times.map(({ durationMs }) => durationMs);
  const middle = median(took);
  if (middle === null) return "";
  return `${duration(middle)} [${duration(Math.min(...took))}–${duration(Math.max(...took))}]`;
}
