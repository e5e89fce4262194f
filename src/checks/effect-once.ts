import type { FinalDetail } from "../history/event.ts";
import type { Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged } from "./findings.ts";
import { finalOf, roundsText } from "./inspections.ts";
import type { Inspection } from "./inspections.ts";

/**
 * D4. The effect of a job is a row in an append-only table: a job that stands there twice was done twice, however clean
 * the job's own row looks. A job that succeeded without its effect, or with a wrong one, was not done.
 */
export const effectOnce: Check = {
  name: "effect-once",
  property: "the effect of a job that succeeded happened exactly once",
  judge: ({ rounds, foreign }: Evidence): Judgement => {
    const findings = new Findings();
    const unseen: RoundEvidence[] = [];
    let effects = 0;
    for (const round of rounds) {
      const final = finalOf(round);
      if (final === undefined) unseen.push(round);
      else {
        effects += final.detail.effects.total;
        findWrongEffects(round, final, findings);
      }
    }
    if (rounds.length === 0) return inconclusive("no round was recorded");
    if (unseen.length > 0) {
      const note = `the effects were not looked at in ${roundsText(rounds, unseen)}`;
      const isLeftOut = foreign && unseen.length === rounds.length;
      return isLeftOut ? notJudged(note) : findings.inconclusiveUnlessFound(note);
    }
    if (effects === 0 && findings.count === 0) return notJudged("no job had an effect");
    return findings.judgement(`${counted(effects, "effect")} looked at`);
  },
};

function findWrongEffects(
  round: RoundEvidence,
  { detail }: Inspection<FinalDetail>,
  findings: Findings,
): void {
  const { repeated, repeatedCount, missing, missingCount } = detail.effects;
  for (const { job, times } of repeated) addCase(round, findings, job, `happened ${times} times`);
  for (const job of missing) addCase(round, findings, job, "is missing or wrong");
  findings.addUntold(repeatedCount - repeated.length + missingCount - missing.length);
}

function addCase(round: RoundEvidence, findings: Findings, job: number, problem: string): void {
  findings.add(() => {
    const completions = completionsOf(round, job);
    const { events } = round;
    return {
      summary: `the effect of job ${job} ${problem}`,
      round: round.round,
      job,
      bots: [...new Set(completions.map((event) => events.bot(event)))],
      events: completions.map((event) => events.event(event)),
    };
  });
}

/** Whatever was asked to complete the job, with its answers; only for the few jobs that are told. */
function completionsOf({ logs, events, operations }: RoundEvidence, job: number): number[] {
  for (let log = 0; log < logs.length; log++) {
    if (logs.job(log) !== job) continue;
    const entries = Array.from({ length: logs.to(log) - logs.from(log) }, (_, at) =>
      logs.event(logs.from(log) + at),
    );
    const asked = entries.filter((event) => events.op(event) === "complete");
    const answers = asked.map((event) => operations.complete(operations.at(event)));
    return [...asked, ...answers.filter((event) => event !== -1)].toSorted((a, b) => a - b);
  }
  return [];
}
