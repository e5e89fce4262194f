import { nsPerMs } from "../../base/clock.ts";
import type { RoundEvidence } from "../../checks/check.ts";
import type { ClaimDetail } from "../../history/event.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Ramp } from "../../scenario/load.ts";
import { quantile } from "../../stats/quantile.ts";
import { supportedQuantile } from "../../stats/supported-quantile.ts";
import type { StrategyResult } from "../result.ts";
import { firstGrantEvents } from "./first-grants.ts";
import { loadWindow } from "./load-window.ts";
import { merged, Samples } from "./samples.ts";
import { significant } from "./significant.ts";

type RampResult = NonNullable<StrategyResult["ramp"]>;

/** A stage counts as kept up with where so much of what was offered in it was granted in it. */
const keptUpShare = 0.95;

/**
 * A ramp stage by stage, over all rounds: what was offered in its time, and what was granted (first grants, as in
 * goodput). Responses belong to the stage in which their claim was due. The knee is the last stage before the first one
 * that the strategy did not keep up with. Null where the load is no ramp.
 */
export function measureRamp(rounds: readonly RoundEvidence[], plan: Plan): RampResult | null {
  const { load } = plan.scenario;
  if (load.kind !== "ramp") return null;
  const perRound = rounds
    .map((round) => stagesOfRound(round, load))
    .filter((stages) => stages !== undefined);
  const stages = load.stages.map((stage, place) =>
    stageResult(
      stage,
      perRound.map((each) => each[place] as StageSamples),
    ),
  );
  const firstLost = stages.findIndex(({ keptUp }) => !keptUp);
  const knee = firstLost === -1 ? stages.at(-1) : stages[firstLost - 1];
  return { stages, kneePerSecond: knee?.offeredPerSecond ?? null };
}

interface StageSamples {
  /** Milliseconds, of claims that were due in the stage. */
  readonly responses: Samples;
  /** First grants in the stage's time. */
  granted: number;
}

function stageResult(
  { ratePerSecond, forMs }: Ramp["stages"][number],
  rounds: readonly StageSamples[],
): RampResult["stages"][number] {
  const responses = merged(rounds.map((round) => round.responses.values())).toSorted();
  const granted = rounds.reduce((sum, round) => sum + round.granted, 0);
  const claimsPerSecond = granted / ((forMs / 1000) * Math.max(1, rounds.length));
  return {
    offeredPerSecond: ratePerSecond,
    claimsPerSecond: significant(claimsPerSecond),
    responseMsP50: percentile(responses, 0.5),
    responseMsP99: percentile(responses, 0.99),
    keptUp: claimsPerSecond >= keptUpShare * ratePerSecond,
  };
}

function stagesOfRound(round: RoundEvidence, load: Ramp): readonly StageSamples[] | undefined {
  const window = loadWindow(round);
  if (window === undefined) return undefined;
  const stages = load.stages.map((): StageSamples => ({ responses: new Samples(), granted: 0 }));
  const stageOf = (ns: number): StageSamples | undefined =>
    stages[stageAt(load, (ns - window.fromNs) / nsPerMs)];
  const { operations, events } = round;
  for (const event of firstGrantEvents(round, window)) {
    const invoke = operations.invoke(operations.at(event));
    const dueNs = (events.detail(invoke) as ClaimDetail | undefined)?.intendedAt;
    const granted = stageOf(events.t(event));
    if (granted !== undefined) granted.granted++;
    if (dueNs !== undefined) stageOf(dueNs)?.responses.push((events.t(event) - dueNs) / nsPerMs);
  }
  return stages;
}

/** -1 after the last. */
function stageAt({ stages }: Ramp, atMs: number): number {
  let endMs = 0;
  return stages.findIndex(({ forMs }) => atMs < (endMs += forMs));
}

function percentile(sorted: Float64Array, q: number): number | null {
  return supportedQuantile(q, sorted.length) ? significant(quantile(sorted, q)) : null;
}
