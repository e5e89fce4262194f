import type { RoundEvidence } from "../../checks/check.ts";
import { finalOf } from "../../checks/inspections.ts";
import { jobSet, sizeOf } from "../../history/job-set.ts";
import type { MonitoringResult } from "../result.ts";

/** SQLSTATE class 23: integrity constraint violation (PostgreSQL's manual, appendix A). */
const constraintClass = /^23/;

/**
 * What somebody who runs the service would watch, beside latency and duplicates: statements that a constraint refused,
 * and jobs that were still pending when everything had been given the time to drain; null where nobody looked.
 */
export function measureMonitoring(rounds: readonly RoundEvidence[]): MonitoringResult {
  const finals = rounds.flatMap((round) => finalOf(round) ?? []);
  return {
    constraintViolations: rounds.reduce((sum, round) => sum + refusals(round), 0),
    stuckPending:
      finals.length === 0
        ? null
        : finals.reduce((sum, { detail }) => sum + pendingIn(detail.jobs), 0),
  };
}

function refusals({ events, from, to }: RoundEvidence): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    if (events.type(i) === "failed" && constraintClass.test(events.code(i) ?? "")) count++;
  }
  return count;
}

function pendingIn(jobs: Parameters<typeof statusIds>[0]): number {
  return sizeOf(jobSet(statusIds(jobs)));
}

function statusIds(
  jobs: readonly {
    readonly status: string;
    readonly ids: readonly (readonly [first: number, last: number])[];
  }[],
) {
  return jobs.filter(({ status }) => status === "pending").flatMap(({ ids }) => ids);
}
