import { grantedAttempt } from "../history/job-logs.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, notJudged, timeText } from "./findings.ts";
import { judgeCommittedSettles } from "./settled-by-others.ts";
import { joined, resolvedText } from "./witness-notes.ts";
import { Accusations } from "./witnessed-jobs.ts";

/**
 * D3. A settle answered `ok` was accepted. When it was asked for, the bot must still have been the latest to whom the
 * job was granted, and must not have had a settle of that grant accepted already, nor lost it to a rescue.
 *
 * ```
 *   bot 3   claim ok ───────── paused ──────────── complete ok     ← accepted, though bot 9 has the job
 *   bot 9               claim ok ───────────────────────
 * ```
 *
 * A heartbeat is judged like a settle, but ends nothing: who has lost the job may not make its lease longer, because the
 * lease is the next holder's by then.
 *
 * Only what is certain counts against it: another's grant must have been answered before the settle was asked for, and
 * must have come after the bot's own. Of two claims that were in flight together, the attempts tell which came first;
 * where they are not told, nothing does. But then at most one of the two bots holds the job, so when a settle of each is
 * accepted, one was wrong: the second is reported.
 *
 * Where there is a witness, it adds the completions whose answers were lost (`settled-by-others.ts`).
 */
export const fencedSettle: Check = {
  name: "fenced-settle",
  property: "a settle or a heartbeat is accepted only from the bot that currently holds the job",
  judge: ({ rounds }: Evidence): Judgement => {
    const findings = new Findings();
    let former = 0;
    for (const round of rounds) {
      const history = new SettleHistory(round, findings);
      const accused = new Accusations();
      let known = 0;
      for (let log = 0; log < round.logs.length; log++) {
        const before = findings.count;
        known += history.judge(log);
        accused.add(round.logs.job(log), findings.count - before);
      }
      former += Math.max(known, judgeCommittedSettles(round, accused, findings));
    }
    if (former === 0 && findings.count === 0) {
      return notJudged("no job was granted to a second bot, so no former holder could settle it");
    }
    const settles = resolvedText(rounds, { ops: ["complete", "fail"], noun: "settle" });
    return findings.judgement(joined(`${counted(former, "job")} had a former holder`, settles));
  },
};

interface Grant {
  readonly event: number;
  /** Where it was asked for: it took effect after that. */
  readonly invoke: number;
  readonly bot: number;
  /** -1: the bot was not told. */
  readonly attempt: number;
  /** Invoke of the settle that was accepted for it. */
  settled: number | undefined;
}

/** The grants and settles of one job after the other. */
class SettleHistory {
  readonly #round: RoundEvidence;
  readonly #findings: Findings;
  readonly #firstDoubts: ReadonlyMap<number, number>;
  readonly #lastOfBot = new Map<number, Grant>();
  #log = 0;
  /** The grant that was asked for last, and the one with the highest attempt. */
  #lastAsked: Grant | undefined;
  #highest: Grant | undefined;
  #rescue: number | undefined;
  /** Invoke of the latest settle that was rightly accepted, as far as can be told. */
  #accepted: number | undefined;

  constructor(round: RoundEvidence, findings: Findings) {
    this.#round = round;
    this.#findings = findings;
    this.#firstDoubts = firstDoubts(round);
  }

  /** Returns 1 if the job had a former holder, else 0. */
  judge(log: number): 0 | 1 {
    const { logs, events } = this.#round;
    this.#log = log;
    this.#beginAnew();
    for (let entry = logs.from(log); entry < logs.to(log); entry++) {
      const event = logs.event(entry);
      const op = events.op(event);
      if (op === "claim" || op === "resume") this.#takeGrant(event);
      else if (this.#outcome(event) !== "ok") continue;
      else if (op === "complete" || op === "fail" || op === "heartbeat") this.#takeSettle(event);
      else if (op === "rescue") this.#rescue = event;
      else if (op === "enqueue") this.#beginAnew();
    }
    return this.#lastOfBot.size > 1 ? 1 : 0;
  }

  #beginAnew(): void {
    this.#lastOfBot.clear();
    this.#lastAsked = undefined;
    this.#highest = undefined;
    this.#rescue = undefined;
    this.#accepted = undefined;
  }

  #takeGrant(event: number): void {
    const { events, operations, logs } = this.#round;
    const bot = events.bot(event);
    const invoke = operations.invoke(operations.at(event));
    const attempt = grantedAttempt(this.#round, event, logs.job(this.#log));
    const grant = { event, invoke, bot, attempt, settled: undefined };
    this.#lastOfBot.set(bot, grant);
    if (this.#lastAsked === undefined || invoke > this.#lastAsked.invoke) this.#lastAsked = grant;
    if (this.#highest === undefined || attempt > this.#highest.attempt) this.#highest = grant;
  }

  /** Or a heartbeat. */
  #takeSettle(event: number): void {
    const bot = this.#round.events.bot(event);
    const isSettle = this.#round.events.op(event) !== "heartbeat";
    const own = this.#lastOfBot.get(bot);
    if (own === undefined) {
      // Somebody whose claim was lost may have learned of its job in a way that the history does not tell.
      if ((this.#firstDoubts.get(bot) ?? Infinity) < event) return;
      this.#accuse(event, { text: `bot ${bot}, which was never granted it`, before: [] });
      return;
    }
    const later = this.#laterGrant(own, this.#round.events.attempt(event));
    const ended = this.#endOf(own, event);
    if (later !== undefined) {
      const since = `it was granted to bot ${later.bot} (${timeText(this.#round, later.event)}) since`;
      this.#accuse(event, { text: `bot ${bot}, though ${since}`, before: [later.event] });
    } else if (ended !== undefined) {
      const text = `bot ${bot}, though ${this.#endText(own, ended)}`;
      this.#accuse(event, { text, before: [own.event, ended] });
    } else if (isSettle) {
      this.#accepted = event;
    }
    if (isSettle) own.settled = event;
  }

  #endText(own: Grant, ended: number): string {
    const { events } = this.#round;
    const what = `a ${events.op(ended)}`;
    const isOther = events.bot(ended) !== own.bot && events.op(ended) !== "rescue";
    const by = isOther ? `${what} of bot ${events.bot(ended)}` : what;
    return `its claim had ended by ${by} (${timeText(this.#round, ended)})`;
  }

  /** A grant that certainly came after the one that is being settled. */
  #laterGrant(own: Grant, attempt: number): Grant | undefined {
    const settled = attempt === -1 ? own.attempt : attempt;
    const highest = this.#highest;
    if (highest !== undefined && settled !== -1 && highest.attempt > settled) return highest;
    const last = this.#lastAsked;
    const areOrdered = own.attempt !== -1 && last?.attempt !== -1;
    if (last === undefined || last.bot === own.bot || areOrdered) return undefined;
    return last.invoke > own.event ? last : undefined;
  }

  /** What certainly ended the claim before `event`: an accepted settle of its own, another's, or a rescue. */
  #endOf(own: Grant, event: number): number | undefined {
    const { operations } = this.#round;
    const isOver = (end: number): boolean => operations.complete(operations.at(end)) < event;
    if (own.settled !== undefined && isOver(own.settled)) return own.settled;
    const accepted = this.#accepted;
    const isOthers = accepted !== undefined && this.#round.events.bot(accepted) !== own.bot;
    if (isOthers && accepted > own.event) return accepted;
    const rescue = this.#rescue;
    if (rescue === undefined || rescue < own.event || !isOver(rescue)) return undefined;
    return this.#tookFrom(own, rescue) ? rescue : undefined;
  }

  #tookFrom({ attempt }: Grant, rescue: number): boolean {
    const { rescues, logs } = this.#round;
    const taken = rescues.claim(rescue, logs.job(this.#log)).attempt ?? -1;
    return taken === -1 || attempt === -1 || taken === attempt;
  }

  #outcome(event: number): string {
    const { operations } = this.#round;
    return operations.outcome(operations.at(event));
  }

  #accuse(
    settle: number,
    { text, before }: { readonly text: string; readonly before: readonly number[] },
  ): void {
    const { events, logs, operations, round } = this.#round;
    const job = logs.job(this.#log);
    this.#findings.add((): Case => {
      const answer = operations.complete(operations.at(settle));
      const bots = [...before, settle].map((event) => events.bot(event));
      return {
        summary: `job ${job}: a ${events.op(settle)} (${timeText(this.#round, settle)}) was accepted from ${text}`,
        round,
        job,
        bots: [...new Set(bots.filter((bot) => bot !== -1))],
        events: [...before, settle, answer].map((event) => events.event(event)),
      };
    });
  }
}

/** The first claim of each bot whose outcome is unknown, for bots that have one. */
function firstDoubts({ operations }: RoundEvidence): ReadonlyMap<number, number> {
  const doubts = new Map<number, number>();
  for (let operation = operations.length - 1; operation >= 0; operation--) {
    const isClaim = operations.op(operation) === "claim";
    if (isClaim && operations.outcome(operation) === "unknown") {
      doubts.set(operations.bot(operation), operations.invoke(operation));
    }
  }
  return doubts;
}
