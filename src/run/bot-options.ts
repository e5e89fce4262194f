import { seededRandom } from "../base/random.ts";
import type { Random } from "../base/random.ts";
import type { BotOptions } from "../bots/bot.ts";
import type { RetryRule } from "../history/event.ts";
import type { RetrySpec, Scenario } from "../scenario/scenario.ts";
import type { Claim } from "../service/claim-run.ts";
import type { RetryPolicy } from "../targets/reference/reference-target.ts";

/** How long a claim is good for where the scenario does not say: longer than any job of such a scenario. */
const defaultLeaseMs = 60_000;
const defaultRetry: RetrySpec = { baseMs: 100, capMs: 10_000, jitter: 0.5 };

export function leaseMsOf({ claims }: Scenario): number {
  return claims?.leaseMs ?? defaultLeaseMs;
}

/** Whether jobs may become free later on: where they fail, and where leases are meant to run out. */
export function mayHaveMoreToCome({ jobs, claims }: Scenario): boolean {
  return (jobs.failing ?? 0) > 0 || claims !== undefined;
}

export function retryPolicyOf(scenario: Scenario, seed: number): RetryPolicy {
  const redriveAttempts = scenario.retry?.redrive ?? 1;
  return { ...retryRuleOf(scenario), redriveAttempts, random: seededRandom(seed, "retry") };
}

/** How long failed jobs wait, for the judge to hold the service to. */
export function retryRuleOf({ retry = defaultRetry }: Scenario): RetryRule {
  const { baseMs, capMs, jitter } = retry;
  return { baseMs, capMs, jitter };
}

/** What a bot asks for, how it keeps its claims and which of its work fails. `id` is 1, 2, 3 … */
export function lifecycleOptionsOf(
  { jobs, bots, claims }: Scenario,
  { id, seed, random }: { readonly id: number; readonly seed: number; readonly random: Random },
): Pick<BotOptions, "wish" | "heartbeatMs" | "isFailing"> {
  const groups = bots.types ?? [null];
  const types = groups[(id - 1) % groups.length] ?? null;
  const { failing = 0 } = jobs;
  return {
    wish: { limit: claims?.limit ?? 1, types },
    heartbeatMs: claims?.heartbeatMs,
    ...(failing > 0 && { isFailing: (claim: Claim) => draw(claim, seed, random) < failing }),
  };
}

/** Uniform in [0, 1), the same for the same job and attempt whoever has it; where the attempt is not told, by lot. */
function draw({ job, attempt }: Claim, seed: number, random: Random): number {
  if (attempt === null) return random.next();
  return seededRandom(seed, `work on ${job}, attempt ${attempt}`).next();
}
