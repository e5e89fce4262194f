import type { EventTable } from "../history/event-table.ts";
import type { RoundWindow } from "../history/rounds.ts";
import { Operations } from "../history/operations.ts";
import { roundsOf } from "../history/rounds.ts";
import { fileName, uniqueNames } from "./file-name.ts";
import type { FormattedHistory, HistoryFormat } from "./format.ts";

/**
 * pgbench_log.<strategy>: every claim as pgbench's `--log` writes a transaction, a line each:
 * `client_id transaction_no time script_no time_epoch time_us [schedule_lag]`. `time` is microseconds, from the
 * intended start where the load is scheduled, as with `-R`; a claim that failed, or whose outcome is unknown, has the
 * word of `--failures-detailed`. `script_no` 0 was granted a job, 1 found none. Source: "Per-Transaction Logging" in
 * PostgreSQL's documentation of pgbench.
 */
export const pgbenchLog: HistoryFormat = {
  kind: "history",
  name: "pgbench",
  render: filesOf,
};

const usPerSecond = 1_000_000;

function filesOf({ header, events }: FormattedHistory): Readonly<Record<string, Iterable<string>>> {
  const startedAtMs = Date.parse(header.startedAt);
  const rounds = roundsOf(events);
  const strategies = [...new Set(rounds.map(({ strategy }) => strategy))];
  const names = uniqueNames(strategies.map(fileName));
  return Object.fromEntries(
    strategies.map((strategy, place) => {
      const own = rounds.filter((round) => round.strategy === strategy);
      return [`pgbench_log.${names[place] ?? ""}`, logLines(own, startedAtMs)] as const;
    }),
  );
}

function* logLines(rounds: readonly RoundWindow[], startedAtMs: number): Generator<string> {
  const isScheduled = rounds.some(hasSchedule);
  const numbers = new Map<number, number>();
  for (const round of rounds) {
    const operations = new Operations(round);
    for (let operation = 0; operation < operations.length; operation++) {
      const end = operations.complete(operation);
      if (operations.op(operation) !== "claim" || end === -1) continue;
      const bot = operations.bot(operation);
      const number = (numbers.get(bot) ?? 0) + 1;
      numbers.set(bot, number);
      const claim = { invoke: operations.invoke(operation), end, bot, number };
      yield claimLine(round.events, claim, { startedAtMs, isScheduled });
    }
  }
}

/** Whether any claim was meant to start at a time: then every line has a lag, as pgbench has it with `-R`. */
function hasSchedule({ events, from, to }: RoundWindow): boolean {
  for (let event = from; event < to; event++) {
    if (events.op(event) === "claim" && events.intendedAt(event) !== undefined) return true;
  }
  return false;
}

interface LoggedClaim {
  readonly invoke: number;
  readonly end: number;
  readonly bot: number;
  readonly number: number;
}

function claimLine(
  events: EventTable,
  { invoke, end, bot, number }: LoggedClaim,
  log: { readonly startedAtMs: number; readonly isScheduled: boolean },
): string {
  const beganNs = events.t(invoke);
  const intendedNs = events.intendedAt(invoke) ?? beganNs;
  const endNs = events.t(end);
  const endUs = Math.round(log.startedAtMs * 1000 + endNs / 1000);
  const columns = [
    bot,
    number,
    failureWord(events, end) ?? microseconds(endNs - intendedNs),
    events.type(end) === "empty" ? 1 : 0,
    Math.floor(endUs / usPerSecond),
    endUs % usPerSecond,
    ...(log.isScheduled ? [microseconds(beganNs - intendedNs)] : []),
  ];
  return `${columns.join(" ")}\n`;
}

/** Undefined: the claim was answered. */
function failureWord(events: EventTable, end: number): string | undefined {
  const type = events.type(end);
  if (type !== "failed" && type !== "unknown") return undefined;
  const code = events.code(end);
  if (code === "40001") return "serialization";
  return code === "40P01" ? "deadlock" : "failed";
}

function microseconds(ns: number): number {
  return Math.max(0, Math.round(ns / 1000));
}
