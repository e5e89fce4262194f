import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, timeText } from "./findings.ts";

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
 * Two bots at work on one job are a violation, unless a rescue may have taken the job from one of them before the later
 * one began: its lease had run out, nobody can stop a bot that does not know it, and that is what "at least once" costs.
 * Such overlaps are counted in the note.
 */
export const noOverlap: Check = {
  name: "no-overlap",
  property: "no two bots work on one job at the same time",
  judge: ({ rounds }: Evidence): Judgement => {
    const findings = new Findings();
    let [executions, afterRescue] = [0, 0];
    for (const round of rounds) {
      for (let log = 0; log < round.logs.length; log++) {
        const history = executionsOf(round, log);
        executions += history.executions.length;
        if (history.executions.length > 1) afterRescue += findOverlaps(round, history, findings);
      }
    }
    if (executions === 0) return inconclusive("no bot worked on a job");
    const cost = `${counted(afterRescue, "overlap")} after a lease ran out: the cost of at least once`;
    return findings.judgement(afterRescue > 0 ? cost : undefined);
  },
};

/** One bot's work on one job: event indexes, `to` exclusive. */
interface Execution {
  readonly bot: number;
  /** Where its claim was asked for. */
  readonly claimed: number;
  readonly from: number;
  readonly to: number;
}

interface JobExecutions {
  readonly job: number;
  /** By their beginning. */
  readonly executions: readonly Execution[];
  /** Invokes of the rescues that may have happened, and events by which they had. */
  readonly rescues: readonly (readonly [invoke: number, end: number])[];
}

function executionsOf(round: RoundEvidence, log: number): JobExecutions {
  const { events, logs, operations } = round;
  const executions: Execution[] = [];
  const rescues: (readonly [number, number])[] = [];
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
    const invoke = operations.invoke(operations.at(event));
    if (op === "claim") open.set(bot, { event, claimed: invoke });
    if (op === "start") open.set(bot, { event, claimed: open.get(bot)?.claimed ?? event });
    if (op === "complete" || op === "fail") close(bot, event);
    if (op === "rescue") rescues.push([event, endOfRescue(round, event)]);
  }
  for (const bot of open.keys()) close(bot, -1);
  executions.sort((left, right) => left.from - right.from);
  return { job: logs.job(log), executions, rescues };
}

/** One whose outcome is unknown may still take effect at any time; -1: it certainly did not. */
function endOfRescue({ operations }: RoundEvidence, rescue: number): number {
  const operation = operations.at(rescue);
  const outcome = operations.outcome(operation);
  if (outcome === "unknown") return Infinity;
  return outcome === "ok" ? operations.complete(operation) : -1;
}

interface Begin {
  /** A `claim ok`, or the invoke of a `start`. */
  readonly event: number;
  /** Where the claim was asked for. */
  readonly claimed: number;
}

/** `settle` is the invoke of a settle, or -1. */
function executionOf(
  round: RoundEvidence,
  { event: begin, claimed }: Begin,
  settle: number,
): Execution | undefined {
  const { events, operations, to } = round;
  const operation = operations.at(begin);
  const bot = events.bot(begin);
  const turnedAway = operations.next(operation);
  const otherwise = turnedAway === -1 ? to : operations.invoke(turnedAway);
  if (events.op(begin) === "start") {
    if (operations.outcome(operation) !== "ok") return undefined;
    const from = operations.complete(operation);
    return { bot, claimed, from, to: settle === -1 ? otherwise : settle };
  }
  if (settle === -1) return { bot, claimed, from: begin, to: otherwise };
  // In a batch the bot did other jobs before this one: it surely works on this one just before it settles it.
  return { bot, claimed, from: Math.max(begin, previousEnd(round, settle)), to: settle };
}

/** Where the bot's operation before the settle ended; the settle itself where that is not known. */
function previousEnd({ operations }: RoundEvidence, settle: number): number {
  const previous = operations.previous(operations.at(settle));
  const end = previous === -1 ? -1 : operations.complete(previous);
  return end === -1 ? settle : end;
}

/** Returns the number of overlaps that a rescue explains. */
function findOverlaps(
  round: RoundEvidence,
  { job, executions, rescues }: JobExecutions,
  findings: Findings,
): number {
  let explained = 0;
  let longest = executions[0] as Execution;
  for (const execution of executions.slice(1)) {
    if (execution.from < longest.to && execution.bot !== longest.bot) {
      const first = longest;
      const claimed = Math.min(first.claimed, execution.claimed);
      const isRescued = rescues.some(([at, end]) => end > claimed && at < execution.from);
      if (isRescued) explained++;
      else findings.add(() => tell(round, job, [first, execution]));
    }
    if (execution.to > longest.to) longest = execution;
  }
  return explained;
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
