import { judgeSchedule } from "../judge-schedule.ts";
import type { Broken, Judged } from "../judge-schedule.ts";
import { stepAt } from "../recording.ts";
import type { Schedule } from "../schedule.ts";
import type { FinalState } from "../stage.ts";

/** Once everybody has recovered, leases have run out and were rescued, and one more bot took all there was. */
export const nothingStuck = "nothing-stuck";
/** A bot asks for one job at a time. One that tries again without asking what it holds gets a second. */
export const oneJobABot = "one-job-a-bot";

/** Judges a schedule with a crash: as any other, and by how it went on after that. */
export function judgeCrash(schedule: Schedule): Judged {
  const judged = judgeSchedule(schedule);
  const { end, recording } = schedule;
  if (end.kind !== "complete") return judged;
  const found = [
    { property: nothingStuck, how: stuckText(end.state) },
    { property: oneJobABot, how: secondJobText(end.state, recording.commits) },
  ];
  const broken = found.flatMap(({ property, how }): Broken[] =>
    how === undefined ? [] : [{ property, how }],
  );
  const verdicts = found.map(({ property, how }) => ({
    property,
    verdict: how === undefined ? ("passed" as const) : ("violated" as const),
  }));
  return {
    broken: [...judged.broken, ...broken],
    verdicts: [...judged.verdicts, ...verdicts],
  };
}

function stuckText({ jobs }: FinalState): string | undefined {
  const stuck = jobs.find(({ status }) => status !== "succeeded");
  if (stuck === undefined) return undefined;
  const { id, status, claimed_by: by } = stuck;
  const holder = by === null ? "" : ` by bot ${by}`;
  return `job ${id} is still ${status}${holder} after a rescue, and after a bot has carried out all that it could claim`;
}

/** What bots hold by the log of what was committed, one transaction after the other. */
function secondJobText(
  { log }: FinalState,
  commits: ReadonlyMap<string, number>,
): string | undefined {
  const at = (label: string): number => commits.get(label) ?? 0;
  const holders = new Map<number, number>();
  const changes = log.filter(({ of }) => of === "job");
  const ordered = changes.toSorted(
    (one, other) => at(one.label) - at(other.label) || one.seq - other.seq,
  );
  for (const { label, job, bot, status, kind } of ordered) {
    if (job === null) continue;
    const isHeld = kind !== "delete" && (status === "claimed" || status === "processing");
    const other = [...holders].find(([held, by]) => held !== job && by === bot)?.[0];
    if (isHeld && bot !== null && other !== undefined) {
      return `bot ${bot} holds job ${other} and takes job ${job} as well (step ${stepAt(at(label))})`;
    }
    if (isHeld && bot !== null) holders.set(job, bot);
    else holders.delete(job);
  }
  return undefined;
}
