import { endsConnection, lostRace } from "../service/outcome.ts";
import type { Schedule } from "./schedule.ts";
import type { Judged } from "./judge-schedule.ts";

/**
 * What a schedule came to, as text: what every bot was told at last, and how the jobs are left. Two schedules that differ only
 * in the names of bots that are alike have the same: the reduction may walk either.
 */
export function outcomeOf(
  { recording, end }: Schedule,
  { broken }: Judged,
  areAlike: boolean,
): string {
  const { events } = recording;
  const told = new Map<number, string[]>();
  for (let event = 0; event < events.length; event++) {
    const [bot, type] = [events.bot(event), events.type(event)];
    if (bot === -1 || type === "invoke" || type === "info") continue;
    const said = [
      events.op(event),
      type,
      events.job(event),
      events.attempt(event),
      codeOf(events.code(event)),
    ];
    told.set(bot, [...(told.get(bot) ?? []), said.join(" ")]);
  }
  const jobs = end.kind === "complete" ? end.state.jobs : [];
  const left = ({ id, status, attempt }: (typeof jobs)[number]): string =>
    `${id} ${status} ${attempt}`;
  const bots = [...told].map(([bot, said]) => {
    const held = jobs.filter((job) => job.claimed_by === bot).map(left);
    return `${areAlike ? "" : bot}: ${said.join(", ")} / ${held.join(", ")}`;
  });
  const rest = jobs.filter((job) => job.claimed_by === null).map(left);
  const properties = broken.map(({ property }) => property).toSorted();
  return [
    end.kind,
    ...bots.toSorted(),
    `free: ${rest.join(", ")}`,
    `broken: ${properties.join(", ")}`,
  ].join("\n");
}

/** By what error a client notices that its connection is gone is chance. */
function codeOf(code: string | undefined): string | undefined {
  if (code === undefined || code === lostRace || !endsConnection(code)) return code;
  return "its connection is gone";
}
