import { grantedAttempt } from "../history/job-logs.ts";
import type { RescueSpan } from "../history/rescues.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, timeText } from "./findings.ts";
import { leasesOf } from "./leases.ts";
import type { LeasedGrant, Leases } from "./leases.ts";

/**
 * D2. A bot works on a job from `start ok` until it asks to settle it, or turns to something else. Where it does not
 * `start`, it works from the end of what it did before the settle; a bot that never settles nor starts works from its
 * grant. So a bot that is refused at `start` has not worked, whatever it was granted.
 *
 * ```
 *   bot 3   start ok ▒▒▒▒▒▒▒▒▒▒ complete
 *   bot 9            start ok ▒▒▒▒▒▒▒▒▒▒▒▒ complete      ← both work on job 17
 * ```
 *
 * Two bots at work on one job are a violation as long as the lease of the earlier claim certainly holds (`leases.ts`).
 * After that nobody can stop a bot that does not know that its time is up, and what it does is what "at least once"
 * costs: such overlaps are counted in the note. They are no excuse for a start that was accepted from a bot that had
 * lost the job already when it asked. A rescue within the lease excuses nothing either; where claims have no lease that
 * the history tells of, a rescue is all that can tell that one ran out.
 */
export const noOverlap: Check = {
  name: "no-overlap",
  property: "no two bots work on one job at the same time while the lease of the first holds",
  judge: ({ rounds }: Evidence): Judgement => {
    const findings = new Findings();
    let [executions, afterLease] = [0, 0];
    for (const round of rounds) {
      const leases = leasesOf(round);
      for (let log = 0; log < round.logs.length; log++) {
        const history = executionsOf(round, log);
        executions += history.executions.length;
        if (history.executions.length > 1) {
          afterLease += findOverlaps(round, history, { leases, findings });
        }
      }
    }
    if (executions === 0) return inconclusive("no bot worked on a job");
    const cost = `${counted(afterLease, "overlap")} after a lease ran out: the cost of at least once`;
    return findings.judgement(afterLease > 0 ? cost : undefined);
  },
};

/** One bot's work on one job: event indexes, `to` exclusive. */
interface Execution {
  readonly bot: number;
  /** The claim that it was granted by; one without is as if it had been granted when the bot began. */
  readonly grant: LeasedGrant;
  /** Where a start was asked for, if it was: the database could have refused it. */
  readonly asked: number | undefined;
  readonly from: number;
  readonly to: number;
}

interface JobExecutions {
  readonly log: number;
  /** By their beginning. */
  readonly executions: readonly Execution[];
  /** Those that may have happened. */
  readonly rescues: readonly RescueSpan[];
}

function executionsOf(round: RoundEvidence, log: number): JobExecutions {
  const { events, logs } = round;
  const executions: Execution[] = [];
  const rescues: RescueSpan[] = [];
  const open = new Map<number, Begin>();
  const close = (bot: number, settle: number): void => {
    const begin = open.get(bot);
    const execution = begin === undefined ? undefined : executionOf(round, begin, settle);
    if (execution !== undefined) executions.push(execution);
    open.delete(bot);
  };
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    const op = events.op(event);
    const bot = events.bot(event);
    if (op === "claim" || (op === "resume" && !goesOn(round, open.get(bot), { log, event }))) {
      open.set(bot, { event, grant: grantOf(round, log, event) });
    }
    if (op === "start") {
      open.set(bot, { event, grant: open.get(bot)?.grant ?? grantOf(round, log, event) });
    }
    if (op === "complete" || op === "fail") close(bot, event);
    const rescue = op === "rescue" ? round.rescues.span(event) : undefined;
    if (rescue !== undefined) rescues.push(rescue);
  }
  for (const bot of open.keys()) close(bot, -1);
  executions.sort((left, right) => left.from - right.from);
  return { log, executions, rescues };
}

/** Whether a bot that is told what it holds goes on with what it was at; else the job went to others and came back. */
function goesOn(
  round: RoundEvidence,
  begin: Begin | undefined,
  { log, event }: { readonly log: number; readonly event: number },
): boolean {
  if (begin === undefined || wasTurnedAway(round, begin, event)) return false;
  const told = grantedAttempt(round, event, round.logs.job(log));
  return told === -1 || begin.grant.attempt === -1 || told === begin.grant.attempt;
}

/** Refused to start, or told since that it holds nothing, or asking for other jobs. */
function wasTurnedAway({ operations }: RoundEvidence, begin: Begin, resume: number): boolean {
  const first = operations.at(begin.event);
  let operation = operations.previous(operations.at(resume));
  for (; operation !== -1 && operation !== first; operation = operations.previous(operation)) {
    const op = operations.op(operation);
    if (op === "claim" || (op === "resume" && operations.outcome(operation) === "empty"))
      return true;
  }
  return operations.op(first) === "start" && operations.outcome(first) === "empty";
}

function grantOf(round: RoundEvidence, log: number, event: number): LeasedGrant {
  const { events, operations, logs } = round;
  const invoke = operations.invoke(operations.at(event));
  const attempt = grantedAttempt(round, event, logs.job(log));
  return { event, invoke, bot: events.bot(event), attempt };
}

interface Begin {
  /** A `claim ok`, or the invoke of a `start`. */
  readonly event: number;
  readonly grant: LeasedGrant;
}

/** `settle` is the invoke of a settle, or -1. */
function executionOf(
  round: RoundEvidence,
  { event: begin, grant }: Begin,
  settle: number,
): Execution | undefined {
  const { events, operations } = round;
  const operation = operations.at(begin);
  const { bot } = grant;
  if (events.op(begin) === "start") {
    if (operations.outcome(operation) !== "ok") return undefined;
    const from = operations.complete(operation);
    const to = settle === -1 ? turnedAway(round, begin) : settle;
    return { bot, grant, asked: begin, from, to };
  }
  const work = { bot, grant, asked: undefined };
  if (settle === -1) return { ...work, from: begin, to: turnedAway(round, begin) };
  // In a batch the bot did other jobs before this one: it surely works on this one just before it settles it.
  return { ...work, from: Math.max(begin, previousEnd(round, settle)), to: settle };
}

/** Where the bot asked for something else than more time. */
function turnedAway({ operations, to }: RoundEvidence, begin: number): number {
  let next = operations.next(operations.at(begin));
  while (next !== -1 && operations.op(next) === "heartbeat") next = operations.next(next);
  return next === -1 ? to : operations.invoke(next);
}

/** Where the bot's operation before the settle ended; the settle itself where that is not known. */
function previousEnd({ operations }: RoundEvidence, settle: number): number {
  const previous = operations.previous(operations.at(settle));
  const end = previous === -1 ? -1 : operations.complete(previous);
  return end === -1 ? settle : end;
}

/** Returns the number of overlaps that began when a lease had run out. */
function findOverlaps(
  round: RoundEvidence,
  { log, executions, rescues }: JobExecutions,
  { leases, findings }: { readonly leases: Leases | null; readonly findings: Findings },
): number {
  let afterLease = 0;
  let longest = executions[0] as Execution;
  for (const execution of executions.slice(1)) {
    if (execution.from < longest.to && execution.bot !== longest.bot) {
      const pair = [longest, execution] as const;
      const isCost =
        leases === null ? isRescued(pair, rescues) : isAfterLease(round, log, { pair, leases });
      if (isCost) afterLease++;
      else findings.add(() => tell(round, round.logs.job(log), pair));
    }
    if (execution.to > longest.to) longest = execution;
  }
  return afterLease;
}

type Pair = readonly [first: Execution, second: Execution];

function isRescued([first, second]: Pair, rescues: readonly RescueSpan[]): boolean {
  const claimed = Math.min(first.grant.invoke, second.grant.invoke);
  return rescues.some(({ invoke, end }) => end > claimed && invoke < second.from);
}

/**
 * Whether the earlier claim's lease may have run out when the two were first at work together. Where nothing tells
 * which claim that was, either may have been.
 */
function isAfterLease(
  round: RoundEvidence,
  log: number,
  { pair, leases }: { readonly pair: Pair; readonly leases: Leases },
): boolean {
  const [first, second] = pair;
  const mayHaveRunOut = ({ grant }: Execution): boolean =>
    mayHaveBeenGranted(round, grant) &&
    leases.end(log, grant, second.from).heldUntilNs <= round.events.t(second.from);
  if (isEarlier(round, first, second)) return mayHaveRunOut(first);
  if (!isEarlier(round, second, first)) return mayHaveRunOut(first) || mayHaveRunOut(second);
  const wasLost = second.asked !== undefined && first.grant.event < second.asked;
  return !wasLost && mayHaveRunOut(second);
}

/** A bot that began without a grant was told of none, unless the answer to a claim of its was lost. */
function mayHaveBeenGranted(
  { events, operations }: RoundEvidence,
  { event }: LeasedGrant,
): boolean {
  if (events.op(event) !== "start") return true;
  let operation = operations.previous(operations.at(event));
  while (operation !== -1) {
    const isLost = operations.outcome(operation) === "unknown";
    if (isLost && operations.op(operation) === "claim") return true;
    operation = operations.previous(operation);
  }
  return false;
}

/** Certainly so: by their attempts, or because one was answered before the other was asked for. */
function isEarlier({ events }: RoundEvidence, one: Execution, other: Execution): boolean {
  const [before, after] = [one.grant, other.grant];
  const areTold = before.attempt !== -1 && after.attempt !== -1;
  if (areTold && before.attempt !== after.attempt) return before.attempt < after.attempt;
  // A bot that had to ask what it holds was granted it at any time before.
  return events.op(after.event) === "claim" && before.event < after.invoke;
}

function tell(round: RoundEvidence, job: number, pair: readonly [Execution, Execution]): Case {
  const [first, second] = pair;
  const { events } = round;
  const since = (execution: Execution): string =>
    `bot ${execution.bot} (since ${timeText(round, execution.from)})`;
  return {
    summary: `${since(first)} and ${since(second)} worked on job ${job} at the same time`,
    round: round.round,
    job,
    bots: [first.bot, second.bot],
    events: [first.from, second.from, Math.min(first.to, second.to)]
      .filter((event) => event < round.to)
      .map((event) => events.event(event)),
  };
}
