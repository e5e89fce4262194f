import type { EnqueueDetail } from "../../history/event.ts";
import type { EventTable } from "../../history/event-table.ts";
import { nothingStuck } from "../crash/judge-crash.ts";
import { judgeTold, nothingLeftOpen } from "../judge-schedule.ts";
import type { Judged } from "../judge-schedule.ts";
import type { Schedule } from "../schedule.ts";

/** Judges by what the bots were told, and by what their code left open: what stands in the tables is the module's affair. */
export function judgeModule(schedule: Schedule): Judged {
  const judged = judgeTold(schedule);
  const { broken } = schedule.recording;
  const [first] = broken;
  if (schedule.end.kind === "called-off" || schedule.end.kind === "stuck") return judged;
  const verdict = first === undefined ? "passed" : "violated";
  return {
    broken: [...judged.broken, ...(first === undefined ? [] : [first])],
    verdicts: [...judged.verdicts, { property: nothingLeftOpen, verdict }],
  };
}

/** As any other, and by how it went on after the crash. */
export function judgeModuleCrash(schedule: Schedule): Judged {
  const judged = judgeModule(schedule);
  if (schedule.end.kind !== "complete") return judged;
  const { verdict, how } = stuckJobs(schedule.recording.events);
  const property = nothingStuck;
  return {
    broken: [...judged.broken, ...(how === undefined ? [] : [{ property, how }])],
    verdicts: [...judged.verdicts, { property, verdict }],
  };
}

type Stuck =
  | { readonly verdict: "violated"; readonly how: string }
  | { readonly verdict: "passed" | "inconclusive"; readonly how?: undefined };

/** A job whose settle was never answered may be done: that it is not offered again is right then. */
function stuckJobs(events: EventTable): Stuck {
  const settled = settlements(events);
  const left = jobsOf(events).filter((job) => settled.get(job) !== "ok");
  const stuck = left.find((job) => !settled.has(job));
  if (stuck === undefined) return { verdict: left.length === 0 ? "passed" : "inconclusive" };
  const how =
    `job ${stuck} was never carried out, after bots have asked what they hold (resume), leases have run out (expire), a rescue ` +
    `(rescue) and a bot that has carried out all that it could claim`;
  return { verdict: "violated", how };
}

/** The surest answer to a `complete` of each job. */
function settlements(events: EventTable): ReadonlyMap<number, "ok" | "unknown"> {
  const settled = new Map<number, "ok" | "unknown">();
  for (let event = 0; event < events.length; event++) {
    const [type, job] = [events.type(event), events.job(event)];
    if (events.op(event) !== "complete" || (type !== "ok" && type !== "unknown")) continue;
    if (settled.get(job) !== "ok") settled.set(job, type);
  }
  return settled;
}

function jobsOf(events: EventTable): readonly number[] {
  const jobs: number[] = [];
  for (let event = 0; event < events.length; event++) {
    if (events.op(event) !== "enqueue" || events.type(event) !== "ok") continue;
    const ranges = (events.detail(event) as EnqueueDetail | undefined)?.jobs ?? [];
    for (const [first, last] of ranges) for (let job = first; job <= last; job++) jobs.push(job);
  }
  return jobs;
}
