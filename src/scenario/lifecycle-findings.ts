import { formatDurationMs } from "./duration.ts";
import type { Finding } from "./problem.ts";
import type { Scenario } from "./scenario.ts";

/** What is wrong with leases, retries and types together, though each is right by itself. */
export function lifecycleFindings(scenario: Scenario): Finding[] {
  return [...heartbeatFindings(scenario), ...retryFindings(scenario), ...typeFindings(scenario)];
}

function heartbeatFindings({ claims }: Scenario): Finding[] {
  const { leaseMs, heartbeatMs } = claims ?? {};
  if (leaseMs === undefined || heartbeatMs === undefined || heartbeatMs < leaseMs) return [];
  const [every, lease] = [heartbeatMs, leaseMs].map(formatDurationMs);
  return [
    {
      path: ["claims", "heartbeat"],
      what: `a heartbeat every ${every} comes too late for a lease of ${lease}`,
      hint: `let one be missed and still be in time: heartbeat: ${formatDurationMs(leaseMs / 3)}`,
    },
  ];
}

function retryFindings({ retry }: Scenario): Finding[] {
  if (retry === undefined || retry.capMs >= retry.baseMs) return [];
  const [cap, base] = [retry.capMs, retry.baseMs].map(formatDurationMs);
  return [
    {
      path: ["retry", "cap"],
      what: `the longest wait, ${cap}, is shorter than the first, ${base}`,
      hint: "raise retry.cap, or lower retry.base",
    },
  ];
}

function typeFindings({ jobs, bots }: Scenario): Finding[] {
  if (bots.types === undefined) return [];
  const known = Object.keys(jobs.types ?? { default: 1 });
  const groups = bots.types;
  if (groups.length > bots.count) {
    const what = `${groups.length} kinds of bot, but ${bots.count} bots`;
    return [{ path: ["bots", "types"], what, hint: "raise bots.count, or name fewer" }];
  }
  const taken = new Set(groups.flatMap((group) => group ?? known));
  const strangers = [...taken].filter((type) => !known.includes(type));
  const left = known.filter((type) => !taken.has(type));
  return [
    ...strangers.map((type) => ({
      path: ["bots", "types"],
      what: `bots take jobs of type "${type}", and there are none`,
      hint: `types of jobs are ${known.join(", ")}`,
    })),
    ...left.map((type) => ({
      path: ["bots", "types"],
      what: `no bot takes jobs of type "${type}", so they are never done`,
      hint: `name it in bots.types, or let some bots take any`,
    })),
  ];
}
