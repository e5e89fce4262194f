import type { EnqueueDetail } from "../history/event.ts";
import { sizeOf } from "../history/job-set.ts";
import type { Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { countFaultHits } from "./fault-hits.ts";
import { inconclusive } from "./findings.ts";

/** Fewer grants than this say nothing about a race, unless there were no more jobs to grant. */
const fewestGrants = 10;

/**
 * A run in which nothing happened finds nothing. It must have granted as many claims as there are bots and no fewer
 * than ten, or every job there was; bots must have claimed at the same time; and every fault that was planned must have
 * been injected and have hurt something. Else nothing the other checks say counts.
 */
export const enoughEvidence: Check = {
  name: "enough-evidence",
  property: "enough claims were granted, bots raced for them, and every planned fault hit",
  judge: (evidence: Evidence): Judgement => {
    const missing = [
      ...missingRounds(evidence),
      ...missingGrants(evidence),
      ...missingContention(evidence),
      ...missingFaults(evidence),
    ];
    if (missing.length > 0) return inconclusive(missing.join("; "));
    return { verdict: "passed", count: 0, evidence: [], note: whatThereWas(evidence) };
  },
};

function missingRounds({ plan, strategy, rounds }: Evidence): readonly string[] {
  const planned = plan.rounds.filter((round) => round.strategy === strategy).length;
  const whole = rounds.filter((round) => round.isWhole).length;
  return whole < planned ? [`${whole} of ${planned} rounds were run to their end`] : [];
}

function missingGrants({ rounds, plan }: Evidence): readonly string[] {
  const granted = sum(rounds, grantedJobs);
  const needed = Math.max(fewestGrants, plan.scenario.bots.count);
  const jobs = sum(rounds, enqueuedJobs);
  if (granted >= needed || (granted > 0 && granted >= jobs && jobs > 0)) return [];
  return [`${granted} jobs were granted, which is fewer than the ${needed} it takes`];
}

function missingContention({ rounds, plan }: Evidence): readonly string[] {
  if (plan.scenario.bots.count < 2) return ["one bot has nobody to race with"];
  if (sum(rounds, contendedClaims) > 0) return [];
  return ["no two claims were in flight at the same time"];
}

function missingFaults(evidence: Evidence): readonly string[] {
  return countFaultHits(evidence).flatMap(({ fault, injected, hit, trouble }) => {
    if (hit > 0) return [];
    const why = trouble === undefined ? "" : `: ${trouble}`;
    if (injected > 0) return [`${fault} was injected ${injected} times and hit nothing${why}`];
    const late = "the load ended before its time";
    return [`${fault} was planned and never injected: ${trouble ?? late}`];
  });
}

function whatThereWas(evidence: Evidence): string {
  const { rounds } = evidence;
  const faults = countFaultHits(evidence).map(({ fault, hit }) => `${fault} hit ${hit} times`);
  const granted = `${sum(rounds, grantedJobs)} jobs granted`;
  const contended = `${sum(rounds, contendedClaims)} claims begun while another was in flight`;
  return [granted, contended, ...faults].join(", ");
}

function grantedJobs({ logs, events }: RoundEvidence): number {
  let granted = 0;
  for (let log = 0; log < logs.length; log++) {
    for (let entry = logs.from(log); entry < logs.to(log); entry++) {
      const op = events.op(logs.event(entry));
      if (op !== "claim" && op !== "resume") continue;
      granted++;
      break;
    }
  }
  return granted;
}

function enqueuedJobs({ events, from, to }: RoundEvidence): number {
  let jobs = 0;
  for (let event = from; event < to; event++) {
    if (events.op(event) !== "enqueue" || events.type(event) !== "ok") continue;
    jobs += sizeOf((events.detail(event) as EnqueueDetail | undefined)?.jobs ?? []);
  }
  return jobs;
}

function sum(rounds: readonly RoundEvidence[], count: (round: RoundEvidence) => number): number {
  return rounds.reduce((total, round) => total + count(round), 0);
}

/** Claims that began while one of another bot was in flight. One that is never answered is in flight for ever, so it does not count. */
function contendedClaims({ events, operations, from, to }: RoundEvidence): number {
  let [inFlight, contended] = [0, 0];
  for (let event = from; event < to; event++) {
    if (events.type(event) === "info" || events.op(event) !== "claim") continue;
    const operation = operations.at(event);
    if (operations.complete(operation) === -1) continue;
    if (operations.complete(operation) === event) {
      if (operations.invoke(operation) !== event) inFlight--;
    } else if (inFlight++ > 0) contended++;
  }
  return contended;
}
