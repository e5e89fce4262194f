import { grantedAttempt } from "../history/job-logs.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, notJudged, timeText } from "./findings.ts";

/**
 * D3. A settle answered `ok` was accepted. When it was asked for, the bot must still have been the latest to whom the
 * job was granted, and must not have had a settle of that grant accepted already, nor lost it to a rescue.
 *
 * ```
 *   bot 3   claim ok ───────── paused ──────────── complete ok     ← accepted, though bot 9 has the job
 *   bot 9               claim ok ───────────────────────
 * ```
 *
 * Only what was over before the settle was asked for counts against it: a grant or a rescue in flight at that moment may
 * have come after it.
 */
export const fencedSettle: Check = {
  name: "fenced-settle",
  property: "a settle is accepted only from the bot that currently holds the job",
  judge: ({ rounds }: Evidence): Judgement => {
    const findings = new Findings();
    let former = 0;
    for (const round of rounds) {
      const doubts = firstDoubts(round);
      for (let log = 0; log < round.logs.length; log++) {
        former += new SettleHistory({ round, log, doubts, findings }).judge();
      }
    }
    if (former === 0 && findings.count === 0) {
      return notJudged("no job was granted a second time, so no former holder could settle it");
    }
    return findings.judgement(`${counted(former, "grant")} had a former holder`);
  },
};

interface Grant {
  readonly event: number;
  readonly bot: number;
  readonly attempt: number;
}

interface SettleHistoryOptions {
  readonly round: RoundEvidence;
  readonly log: number;
  /** The first operation of each bot that may have granted it something without its knowing. */
  readonly doubts: ReadonlyMap<number, number>;
  readonly findings: Findings;
}

class SettleHistory {
  readonly #options: SettleHistoryOptions;
  #holder: Grant | undefined;
  /** Invoke of the accepted settle or of the rescue that ended the holder's claim. */
  #ended: number | undefined;

  constructor(options: SettleHistoryOptions) {
    this.#options = options;
  }

  /** Returns how many grants of the job came after another's. */
  judge(): number {
    const { round, log } = this.#options;
    let former = 0;
    for (let entry = round.logs.from(log); entry < round.logs.to(log); entry++) {
      const event = round.logs.event(entry);
      const op = round.events.op(event);
      if (op === "claim" || op === "resume") former += this.#takeGrant(event);
      else if (this.#outcome(event) !== "ok") continue;
      else if (op === "complete" || op === "fail") this.#takeSettle(event);
      else if (op === "rescue") this.#ended = event;
      else if (op === "enqueue") this.#holder = undefined;
    }
    return former;
  }

  #takeGrant(event: number): 0 | 1 {
    const { round, log } = this.#options;
    const attempt = grantedAttempt(round, event, round.logs.job(log));
    const before = this.#holder;
    // An answer that came late: the job has been granted to another since.
    if (before !== undefined && attempt !== -1 && attempt < before.attempt) return 1;
    this.#holder = { event, bot: round.events.bot(event), attempt };
    this.#ended = undefined;
    return before === undefined || before.bot === this.#holder.bot ? 0 : 1;
  }

  #takeSettle(event: number): void {
    const { round, log, findings } = this.#options;
    const bot = round.events.bot(event);
    const holder = this.#holder;
    if (holder === undefined) {
      if (this.#mayHold(bot, event)) return;
      const text = `bot ${bot}, which was never granted it`;
      findings.add(() => tell({ round, log, settle: event, text, before: [] }));
      return;
    }
    const attempt = round.events.attempt(event);
    const isOther =
      holder.bot !== bot || (attempt !== -1 && holder.attempt !== -1 && attempt !== holder.attempt);
    if (isOther) {
      const text = `bot ${bot}, though it was granted to bot ${holder.bot} (${timeText(round, holder.event)}) since`;
      findings.add(() => tell({ round, log, settle: event, text, before: [holder.event] }));
    } else if (this.#endedBefore(event)) {
      const ended = this.#ended as number;
      const text = `bot ${bot}, though its claim had ended by a ${round.events.op(ended)} (${timeText(round, ended)})`;
      findings.add(() => tell({ round, log, settle: event, text, before: [holder.event, ended] }));
    }
    this.#ended = event;
  }

  #endedBefore(event: number): boolean {
    const { operations } = this.#options.round;
    return this.#ended !== undefined && operations.complete(operations.at(this.#ended)) < event;
  }

  #mayHold(bot: number, event: number): boolean {
    return (this.#options.doubts.get(bot) ?? Infinity) < event;
  }

  #outcome(event: number): string {
    const { operations } = this.#options.round;
    return operations.outcome(operations.at(event));
  }
}

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

interface Told {
  readonly round: RoundEvidence;
  readonly log: number;
  readonly settle: number;
  readonly text: string;
  readonly before: readonly number[];
}

function tell({ round, log, settle, text, before }: Told): Case {
  const { events, logs, operations } = round;
  const job = logs.job(log);
  const answer = operations.complete(operations.at(settle));
  const bots = [...before, settle].map((event) => events.bot(event)).filter((bot) => bot !== -1);
  return {
    summary: `job ${job}: a ${events.op(settle)} (${timeText(round, settle)}) was accepted from ${text}`,
    round: round.round,
    job,
    bots: [...new Set(bots)],
    events: [...before, settle, answer].map((event) => events.event(event)),
  };
}
