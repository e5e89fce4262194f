import { nsPerMs } from "../../base/clock.ts";
import type { RoundEvidence } from "../../checks/check.ts";
import type { ClaimDetail } from "../../history/event.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Ramp } from "../../scenario/load.ts";
import { quantile } from "../../stats/quantile.ts";
import { supportedQuantile } from "../../stats/supported-quantile.ts";
import type { StrategyResult } from "../result.ts";
import { loadWindow } from "./load-window.ts";
import { merged, Samples } from "./samples.ts";
import { significant } from "./significant.ts";

type RampResult = NonNullable<StrategyResult["ramp"]>;

/** A stage counts as kept up with where so much of what was offered was granted. */
const keptUpShare = 0.95;

/**
 * A ramp stage by stage, over all rounds: what was offered, and what was granted of it. A claim belongs to the stage in
 * which it was due. The knee is the last stage before the first one that the strategy did not keep up with. Null where the
 * load is no ramp.
 */
export function measureRamp(rounds: readonly RoundEvidence[], plan: Plan): RampResult | null {
  const { load } = plan.scenario;
  if (load.kind !== "ramp") return null;
  const perRound = rounds
    .map((round) => stagesOfRound(round, load))
    .filter((stages) => stages !== undefined);
  const stages = load.stages.map((stage, place) => {
    const responses = merged(perRound.map((each) => (each[place] as Samples).values())).toSorted();
    const seconds = (stage.forMs / 1000) * Math.max(1, perRound.length);
    const claimsPerSecond = responses.length / seconds;
    return {
      offeredPerSecond: stage.ratePerSecond,
      claimsPerSecond: significant(claimsPerSecond),
      responseMsP50: percentile(responses, 0.5),
      responseMsP99: percentile(responses, 0.99),
      keptUp: claimsPerSecond >= keptUpShare * stage.ratePerSecond,
    };
  });
  const firstLost = stages.findIndex(({ keptUp }) => !keptUp);
  const knee = stages.at(firstLost === -1 ? -1 : firstLost - 1);
  const hasKnee = firstLost !== 0 && knee !== undefined;
  return { stages, kneePerSecond: hasKnee ? knee.offeredPerSecond : null };
}

/** Response times of granted claims in milliseconds, by the stage in which they were due. */
function stagesOfRound(round: RoundEvidence, load: Ramp): readonly Samples[] | undefined {
  const window = loadWindow(round);
  if (window === undefined) return undefined;
  const stages = load.stages.map(() => new Samples());
  const { operations, events } = round;
  for (let operation = 0; operation < operations.length; operation++) {
    const invoke = operations.invoke(operation);
    if (invoke < window.from || invoke >= window.to || operations.outcome(operation) !== "ok")
      continue;
    const dueNs = (events.detail(invoke) as ClaimDetail | undefined)?.intendedAt;
    if (operations.op(operation) !== "claim" || dueNs === undefined) continue;
    const stage = stageAt(load, (dueNs - window.fromNs) / nsPerMs);
    stages[stage]?.push((events.t(operations.complete(operation)) - dueNs) / nsPerMs);
  }
  return stages;
}

function stageAt({ stages }: Ramp, atMs: number): number {
  let endMs = 0;
  const stage = stages.findIndex(({ forMs }) => atMs < (endMs += forMs));
  return stage === -1 ? stages.length - 1 : stage;
}

function percentile(sorted: Float64Array, q: number): number | null {
  return supportedQuantile(q, sorted.length) ? significant(quantile(sorted, q)) : null;
}
