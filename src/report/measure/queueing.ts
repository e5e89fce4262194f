import type { Evidence, RoundEvidence } from "../../checks/check.ts";
import { jainFairness } from "../../stats/fairness.ts";
import type { QueueingResult } from "../result.ts";
import type { ClaimCounts } from "./claims.ts";
import { loadWindow } from "./load-window.ts";
import type { LoadWindow } from "./load-window.ts";
import { significant } from "./significant.ts";

/**
 * What a strategy does to the order of the queue and to its bots. Measures without a verdict: to pass over a locked job
 * is what SKIP LOCKED is for.
 */
export function measureQueueing({ rounds, plan }: Evidence, claims: ClaimCounts): QueueingResult {
  const loaded = rounds.flatMap((round) => {
    const load = loadWindow(round);
    return load === undefined ? [] : [{ round, load }];
  });
  const inversions = loaded.map(({ round, load }) => inversionsOf(firstGranted(round, load)));
  const grants = sum(inversions.map((each) => each.grants));
  const fairness = loaded.flatMap(
    ({ round, load }) => jainFairness(grantsByBot(round, load, plan.scenario.bots.count)) ?? [],
  );
  const work = rounds.map(workOf);
  const completed = sum(work.map((each) => each.completed));
  return {
    fifoInversion: {
      mean: ratio(sum(inversions.map((each) => each.total)), grants),
      max: grants === 0 ? null : inversions.reduce((most, each) => Math.max(most, each.deepest), 0),
    },
    fairness: ratio(sum(fairness), fairness.length),
    conflictsPerClaim: ratio(claims.conflicts, claims.granted),
    startsPerJob: ratio(sum(work.map((each) => each.starts)), completed),
  };
}

/** Jobs in the order in which they were first granted in the load. */
function firstGranted({ logs, events }: RoundEvidence, load: LoadWindow): readonly number[] {
  const grants: { readonly job: number; readonly event: number }[] = [];
  for (let log = 0; log < logs.length; log++) {
    for (let entry = logs.from(log); entry < logs.to(log); entry++) {
      const event = logs.event(entry);
      const op = events.op(event);
      if ((op !== "claim" && op !== "resume") || event < load.from || event >= load.to) continue;
      grants.push({ job: logs.job(log), event });
      break;
    }
  }
  return grants.toSorted((one, other) => one.event - other.event).map(({ job }) => job);
}

interface Inversions {
  readonly grants: number;
  /** Over all grants, and of the one that had most: older jobs that were granted later. Older is the smaller id. */
  readonly total: number;
  readonly deepest: number;
}

/** Counts with a Fenwick tree, n log n: P. Fenwick, Software: Practice and Experience 24 (1994). */
function inversionsOf(jobs: readonly number[]): Inversions {
  const ranks = new Map(jobs.toSorted((one, other) => one - other).map((job, rank) => [job, rank]));
  const granted = new Int32Array(jobs.length + 1);
  let [total, deepest] = [0, 0];
  for (const job of jobs) {
    const rank = ranks.get(job) as number;
    let before = 0;
    for (let at = rank; at > 0; at -= at & -at) before += granted[at] as number;
    for (let at = rank + 1; at <= jobs.length; at += at & -at)
      granted[at] = (granted[at] as number) + 1;
    total += rank - before;
    deepest = Math.max(deepest, rank - before);
  }
  return { grants: jobs.length, total, deepest };
}

/** Bots that were granted nothing count: they were there and went without. */
function grantsByBot({ events }: RoundEvidence, load: LoadWindow, bots: number): readonly number[] {
  const grants = new Map<number, number>();
  for (let event = load.from; event < load.to; event++) {
    if (events.op(event) !== "claim" || events.type(event) !== "ok") continue;
    const bot = events.bot(event);
    grants.set(bot, (grants.get(bot) ?? 0) + 1);
  }
  const without = Math.max(0, bots - grants.size);
  return [...grants.values(), ...Array.from({ length: without }, () => 0)];
}

/** Starts that were answered, and jobs of which a completion was. */
function workOf({ logs, events, operations }: RoundEvidence): {
  starts: number;
  completed: number;
} {
  let [starts, completed] = [0, 0];
  for (let log = 0; log < logs.length; log++) {
    let isCompleted = false;
    for (let entry = logs.from(log); entry < logs.to(log); entry++) {
      const event = logs.event(entry);
      const op = events.op(event);
      if (op !== "start" && op !== "complete") continue;
      if (operations.outcome(operations.at(event)) !== "ok") continue;
      if (op === "start") starts++;
      else isCompleted = true;
    }
    if (isCompleted) completed++;
  }
  return { starts, completed };
}

function ratio(amount: number, of: number): number | null {
  return of === 0 ? null : significant(amount / of);
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
