import { seededRandom } from "../base/random.ts";
import { Bot } from "../bots/bot.ts";
import type { BotOptions } from "../bots/bot.ts";
import type { PlannedRound } from "../plan/plan.ts";
import { drawMs } from "../scenario/load.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { lifecycleOptionsOf } from "./bot-options.ts";

export interface BotsRequest extends Pick<
  BotOptions,
  "target" | "record" | "extraWorkMs" | "isSuccessor"
> {
  readonly scenario: Scenario;
  readonly planned: Pick<PlannedRound, "seed">;
  /** Their numbers. */
  readonly ids: readonly number[];
}

/** Bots as the scenario has them. What a bot draws for itself is the same whatever process it lives in. */
export function makeBots({ scenario, planned, ids, ...shared }: BotsRequest): readonly Bot[] {
  const random = seededRandom(planned.seed, "bots");
  const { work } = scenario.jobs;
  const works = random.fork("work");
  const drawWorkMs = work === undefined ? undefined : () => drawMs(work, works);
  return ids.map((id) => {
    const own = random.fork(`bot ${id}`);
    return new Bot({
      ...shared,
      id,
      workMs: scenario.jobs.workMs,
      drawWorkMs,
      random: own,
      ...lifecycleOptionsOf(scenario, { id, seed: planned.seed, random: own.fork("work") }),
    });
  });
}

/** The bots' pauses between a job and the next claim; undefined where they make none. */
export function thinkTimes(
  { bots: { think } }: Scenario,
  { seed }: Pick<PlannedRound, "seed">,
): (() => number) | undefined {
  if (think === undefined) return undefined;
  const random = seededRandom(seed, "think");
  return () => drawMs(think, random);
}
