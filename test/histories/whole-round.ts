import { HistoryBuilder } from "./builder.ts";
import type { HistoryOptions } from "./builder.ts";

export interface WholeRoundOptions extends HistoryOptions {
  /** Ends in the middle of the load. */
  readonly cutShort?: boolean;
}

/** A legal round of two bots that race for twelve jobs and finish them, with every inspection that a run makes. */
export function wholeRound(options: WholeRoundOptions = {}): HistoryBuilder {
  const history = new HistoryBuilder({ jobs: 12, bots: 2, ...options }).begin();
  history.phase("set-up", "begin").enqueue(12).phase("set-up", "end").phase("load", "begin");
  history.agreement();
  for (let job = 1; job <= 12; job += 2) race(history, job);
  if (options.cutShort) return history;
  history.does(1, "claim", "empty").does(2, "claim", "empty").phase("load", "end");
  history.phase("drain", "begin").phase("drain", "end").phase("verify", "begin");
  history.inspect(nothingHeld).agreement();
  history.inspect({ what: "verification", queries: [clean("any")] });
  if (options.constraints !== false) history.inspect(constraintsThatHold);
  history.inspect({
    what: "final",
    jobs: [{ status: "succeeded", ids: [[1, 12]] }],
    effects: { total: 12, repeated: [], repeatedCount: 0, missing: [], missingCount: 0 },
  });
  return history.phase("verify", "end").end();
}

/** Both bots claim at once and each gets a job. */
function race(history: HistoryBuilder, job: number): void {
  const claims = [
    { bot: 1, job },
    { bot: 2, job: job + 1 },
  ];
  for (const { bot } of claims) history.invoke(bot, "claim");
  for (const claim of claims) {
    history.answer(claim.bot, "claim", "ok", { job: claim.job, attempt: 1 });
  }
  for (const claim of claims) {
    history.does(claim.bot, "start", "ok", { job: claim.job, attempt: 1 });
    history.completed(claim.bot, claim.job, 1);
  }
}

export function clean(name: string): { name: string; count: number; rows: [] } {
  return { name, count: 0, rows: [] };
}

export const nothingHeld = { what: "locks", count: 0, rows: [] } as const;

export const constraintsThatHold = {
  what: "constraints",
  constraints: [
    { name: "jobs_status_known", present: true, rejectedWith: "23514", expected: "23514" },
  ],
} as const;
