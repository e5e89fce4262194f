import type { RoundEvidence } from "../../checks/check.ts";
import type { RoundDetail } from "../../history/event.ts";
import type { LoadDetail } from "../../history/load-detail.ts";
import { notesOf } from "../../history/rounds.ts";
import { quantile } from "../../stats/quantile.ts";
import type { RunResult, StrategyResult } from "../result.ts";
import { significant } from "./significant.ts";

type Waits = NonNullable<StrategyResult["waits"]>;
type TableGrowth = NonNullable<StrategyResult["tableGrowth"]>;
type Arrivals = NonNullable<StrategyResult["arrivals"]>;

/** What the run noted of a round's load; undefined where it was cut short, or another system wrote the history. */
export function loadDetail(round: RoundEvidence): LoadDetail | undefined {
  const notes = notesOf<RoundDetail>(round, "round");
  return notes.find(({ detail }) => detail.event === "end")?.detail.load;
}

/** Where the time went, over all rounds; null where nothing was sampled. */
export function measureWaits(loads: readonly LoadDetail[]): Waits | null {
  const counts = new Map<string, number>();
  for (const { waits = {} } of loads) {
    for (const [event, count] of Object.entries(waits)) {
      counts.set(event, (counts.get(event) ?? 0) + count);
    }
  }
  const samples = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (samples === 0) return null;
  const states = [...counts]
    .map(([event, count]) => ({ event, share: significant(count / samples) }))
    .toSorted((one, other) => other.share - one.share);
  return { samples, states };
}

/** The samples of all rounds, one round after the other; null where there are none. */
export function measureGrowth(loads: readonly LoadDetail[]): TableGrowth | null {
  const samples = loads.flatMap(({ growth = [] }) => growth.map((sample) => ({ ...sample })));
  return samples.length === 0 ? null : samples;
}

/** Summed over the rounds; null where the load has no arrivals. */
export function measureArrivals(loads: readonly LoadDetail[]): Arrivals | null {
  const all = loads.flatMap(({ arrivals }) => arrivals ?? []);
  if (all.length === 0) return null;
  const sum = (of: keyof Arrivals): number => all.reduce((total, each) => total + each[of], 0);
  return { scheduled: sum("scheduled"), late: sum("late"), skipped: sum("skipped") };
}

/** Part of the time in which the loop may be busy before bots are likely to have waited for it, and not for the server. */
const busyLoop = 0.9;

/** Part of the median by which the loop may be late before the latencies of a round are as much its own as the server's. */
const blurringDelay = 0.1;

/** A round as far as its generator is concerned; times in milliseconds. */
export interface GeneratedRound {
  readonly load: LoadDetail | undefined;
  readonly service: Float64Array;
}

function isBlurred({ load, service }: GeneratedRound): boolean {
  const p50 = quantile(service.toSorted(), 0.5);
  if (load === undefined || p50 === null) return false;
  return load.generator.eventLoopDelayMsP99 > blurringDelay * p50;
}

/** The worst of all rounds; null where no round was measured. */
export function measureGenerator(
  rounds: readonly GeneratedRound[],
): NonNullable<RunResult["generator"]> | null {
  const loads = rounds.flatMap(({ load }) => load ?? []);
  if (loads.length === 0) return null;
  const worst = (of: (load: LoadDetail) => number): number => Math.max(...loads.map(of));
  return {
    eventLoopDelayMsP99: worst(({ generator }) => generator.eventLoopDelayMsP99),
    cpuShare: worst(({ generator }) => generator.cpuShare),
    isBottleneck: worst(({ generator }) => generator.loopUtilization) >= busyLoop,
    blurred: { rounds: rounds.filter(isBlurred).length, of: loads.length },
  };
}
