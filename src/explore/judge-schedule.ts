import { collectEvidence } from "../checks/evidence.ts";
import type { Check, Verdict } from "../checks/check.ts";
import { effectOnce } from "../checks/effect-once.ts";
import { fencedSettle } from "../checks/fenced-settle.ts";
import { judgeStrategy } from "../checks/judge.ts";
import { noFalseEmpty } from "../checks/no-false-empty.ts";
import { noOverlap } from "../checks/no-overlap.ts";
import { noOverClaim } from "../checks/no-over-claim.ts";
import { nothingLost } from "../checks/nothing-lost.ts";
import { singleGrant } from "../checks/single-grant.ts";
import { terminalStates } from "../checks/terminal-states.ts";
import { verificationQueries } from "../checks/verification-queries.ts";
import type { FinalDetail, JobRange, VerificationDetail } from "../history/event.ts";
import type { EventTable } from "../history/event-table.ts";
import { foreignHeader } from "../history/foreign-header.ts";
import { WitnessTable } from "../history/witness-table.ts";
import type { NewChange } from "../history/witness-change.ts";
import type { Witness } from "../history/witness.ts";
import type { Schedule } from "./schedule.ts";
import type { Recording } from "./recording.ts";
import type { FinalState, LogEntry } from "./stage.ts";

/**
 * The checks that can judge a single schedule: those that need no time, no load and no second look. Jobs and bots are
 * compared by `verification-queries`, once every program has ended.
 */
export const properties: readonly Check[] = [
  singleGrant,
  noOverlap,
  fencedSettle,
  effectOnce,
  verificationQueries,
  nothingLost,
  noOverClaim,
  terminalStates,
  noFalseEmpty,
];

/** A schedule in which bots wait for ever: no check sees it, because nothing is ever told. */
export const noWaitForEver = "no-wait-for-ever";
/** A module's call leaves its connection as it found it: given back, and with no transaction open. */
export const nothingLeftOpen = "nothing-left-open";

export interface Broken {
  /** The check's name. */
  readonly property: string;
  /** One sentence. */
  readonly how: string;
}

export interface Judged {
  readonly broken: readonly Broken[];
  /** Which checks had something to judge. */
  readonly verdicts: readonly { readonly property: string; readonly verdict: Verdict }[];
}

/** Judges a schedule that came to its end, by what the bots were told and what the database recorded. */
export function judgeSchedule(schedule: Schedule): Judged {
  const { recording, end } = schedule;
  if (end.kind !== "complete") return judgeUnfinished(schedule);
  const { events } = recording;
  const before = events.length;
  for (const detail of inspections(end.state)) {
    events.push({ t: events.t(before - 1) + 1, op: "inspect", type: "info", detail });
  }
  return judgeEvents(events, witnessOf(recording, end.state));
}

/** Judges what the bots were told, where nobody can look into the tables. */
export function judgeTold(schedule: Schedule): Judged {
  if (schedule.end.kind !== "complete") return judgeUnfinished(schedule);
  return judgeEvents(schedule.recording.events, null);
}

function judgeUnfinished({ end }: Schedule): Judged {
  if (end.kind !== "hung") return { broken: [], verdicts: [] };
  const how = `bot ${end.waiting.join(", bot ")} waits for a lock that nobody will let go of`;
  return { broken: [{ property: noWaitForEver, how }], verdicts: [] };
}

function judgeEvents(events: EventTable, witness: Witness | null): Judged {
  const header = foreignHeader("explore", events);
  const [evidence] = collectEvidence(header, events, witness);
  if (evidence === undefined) return { broken: [], verdicts: [] };
  const { checks } = judgeStrategy(evidence, properties);
  return {
    verdicts: checks.map(({ name, verdict }) => ({ property: name, verdict })),
    broken: checks
      .filter(({ verdict }) => verdict === "violated")
      .map(({ name, evidence: cases }) => ({ property: name, how: inSteps(cases[0]?.summary) })),
  };
}

/** The clock of a recording counts steps. */
function inSteps(summary = ""): string {
  return summary.replaceAll(/t=(\d+)\.\d{3} ms/g, "step $1");
}

function inspections(state: FinalState): readonly [VerificationDetail, FinalDetail] {
  const queries = state.verification.map(({ name, rows }) => ({ name, count: rows.length, rows }));
  return [{ what: "verification", queries }, finalOf(state)];
}

function finalOf({ jobs, effects }: FinalState): FinalDetail {
  const ranges = new Map<string, JobRange[]>();
  for (const { status, id } of jobs) {
    ranges.set(status, [...(ranges.get(status) ?? []), [id, id]]);
  }
  const times = new Map<number, number>();
  for (const { job_id: job } of effects) times.set(job, (times.get(job) ?? 0) + 1);
  const repeated = [...times].filter(([, count]) => count > 1);
  const done = jobs.filter(({ status }) => status === "succeeded").map(({ id }) => id);
  const right = new Set(
    effects.filter(({ is_right: isRight }) => isRight).map((effect) => effect.job_id),
  );
  const missing = done.filter((id) => !right.has(id));
  return {
    what: "final",
    jobs: [...ranges].map(([status, ids]) => ({ status, ids })),
    effects: {
      total: effects.length,
      repeated: repeated.map(([job, count]) => ({ job, times: count })),
      repeatedCount: repeated.length,
      missing,
      missingCount: missing.length,
    },
  };
}

/** The log in the order of commits, which the recording knows by the step. */
function witnessOf({ commits }: Recording, { log }: FinalState): Witness {
  const at = ({ label }: LogEntry): number => commits.get(label) ?? 0;
  const ordered = log.toSorted((one, other) => at(one) - at(other) || one.seq - other.seq);
  const changes = new WitnessTable();
  for (const entry of ordered) changes.push(changeOf(entry, at(entry)));
  const round = { round: 0, source: "audit", isWhole: true, uncertaintyNs: 0 } as const;
  const rounds = [{ ...round, changes, from: 0, to: changes.length }];
  return { source: "audit", changes, rounds, warnings: [] };
}

function changeOf(entry: LogEntry, at: number): NewChange {
  const { of, kind, job, bot, status, attempt, value } = entry;
  const committed = { round: 0, xid: Number(entry.label), at };
  if (of === "job") return { ...committed, of, kind, job: job ?? -1, status, bot, attempt };
  if (of === "bot") return { ...committed, of, kind, bot: bot ?? -1, job };
  return {
    ...committed,
    of,
    job: job ?? -1,
    bot: bot ?? -1,
    attempt: attempt ?? 0,
    value: value ?? 0,
  };
}
