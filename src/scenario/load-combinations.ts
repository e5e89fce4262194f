import { formatDurationMs } from "./duration.ts";
import { fixedWindowMs, stagesOf } from "./load.ts";
import type { Finding } from "./problem.ts";
import type { Scenario } from "./scenario.ts";

/** Each arrival is kept with its time; more than these are a typing mistake. */
const mostArrivals = 10_000_000;

/** What is wrong with a load whose every key is right by itself. */
export function loadFindings(scenario: Scenario): Finding[] {
  return [
    ...windowFindings(scenario),
    ...arrivalFindings(scenario),
    ...producerFindings(scenario),
    ...warmUpFindings(scenario),
    ...thinkFindings(scenario),
  ];
}

/** A load that its deadline cuts short would count as one that did not finish. */
function windowFindings({ load, deadlines }: Scenario): Finding[] {
  const windowMs = fixedWindowMs(load);
  if (windowMs === null || windowMs < deadlines.loadMs) return [];
  const what = `the load lasts ${formatDurationMs(windowMs)}, but it must end by ${formatDurationMs(deadlines.loadMs)}`;
  return [{ path: ["load"], at: "key", what, hint: "raise deadlines.load, or make it shorter" }];
}

function arrivalFindings({ load }: Scenario): Finding[] {
  if (load.kind !== "arrival-rate" && load.kind !== "ramp") return [];
  const count = stagesOf(load).reduce(
    (sum, { ratePerSecond, forMs }) => sum + (ratePerSecond * forMs) / 1000,
    0,
  );
  const findings: Finding[] = [];
  if (count > mostArrivals) {
    const what = `${Math.round(count)} claims would arrive, at most ${mostArrivals} are possible`;
    findings.push({ path: ["load"], at: "key", what, hint: "lower the rate, or make it shorter" });
  }
  if (load.skipAfterMs < load.lateAfterMs) {
    const what = "an arrival would be skipped before it is late";
    const hint = "skipAfter is longer than lateAfter";
    findings.push({ path: ["load", "skipAfter"], what, hint });
  }
  return findings;
}

function producerFindings({ load, enqueue, deadlines }: Scenario): Finding[] {
  if (enqueue === undefined) return [];
  const path = ["enqueue"];
  if (load.kind === "rounds") {
    const what = "each wave has its own jobs: nobody else adds any";
    return [{ path, at: "key", what, hint: "remove enqueue, or use load kind duration" }];
  }
  const { untilMs } = enqueue;
  if (load.kind === "drain" && untilMs === null) {
    const what = "a load that ends when no job is left never ends while jobs are added";
    return [{ path, at: "key", what, hint: "say how long: enqueue: { rate: 100, until: 10s }" }];
  }
  if (untilMs === null || untilMs < deadlines.loadMs) return [];
  const what = `jobs are added for ${formatDurationMs(untilMs)}, but the load ends by ${formatDurationMs(deadlines.loadMs)}`;
  return [{ path: ["enqueue", "until"], what, hint: "raise deadlines.load, or end it earlier" }];
}

function warmUpFindings({ load, warmUpMs = 0 }: Scenario): Finding[] {
  if (warmUpMs === 0 || load.kind !== "rounds") return [];
  const what = "there are no jobs to warm up with before the first wave";
  return [{ path: ["warmUp"], at: "key", what, hint: "remove warmUp, or use load kind duration" }];
}

function thinkFindings({ load, bots }: Scenario): Finding[] {
  if (bots.think === undefined || load.kind === "drain" || load.kind === "duration") return [];
  const what = `with load kind ${load.kind} bots claim when they are told to, not when they have thought`;
  return [{ path: ["bots", "think"], what, hint: "remove think, or use load kind duration" }];
}
