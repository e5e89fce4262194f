import type { LocksDetail } from "../history/event.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";
import { inspectionsOf, roundsText } from "./inspections.ts";
import type { Inspection } from "./inspections.ts";

/**
 * Who has nothing left to do holds nothing: no advisory lock, no open transaction, no prepared one. What is left would
 * block whoever comes next, and keeps the database from cleaning up, long after the bots are gone.
 */
export const nothingLeftLocked: Check = {
  name: "nothing-left-locked",
  property: "after the drain no lock, open transaction or prepared transaction is left",
  judge: ({ rounds, foreign, questions }: Evidence): Judgement => {
    if (rounds.length === 0) return inconclusive("no round was recorded");
    const findings = new Findings();
    const unasked: RoundEvidence[] = [];
    for (const round of rounds) {
      const inspections = inspectionsOf(round, "locks");
      if (inspections.length === 0) unasked.push(round);
      for (const inspection of inspections) judgeLocks(round, inspection, findings);
    }
    if (unasked.length > 0) {
      if (!questions.includes("locks") && unasked.length === rounds.length) {
        return notJudged("the doubletake that recorded this run did not look for locks yet");
      }
      const note = `nobody looked for locks in ${roundsText(rounds, unasked)}`;
      const isLeftOut = foreign && unasked.length === rounds.length;
      return isLeftOut ? notJudged(note) : findings.inconclusiveUnlessFound(note);
    }
    return findings.judgement();
  },
};

/** A case a round, and what is held counted. */
function judgeLocks(
  round: RoundEvidence,
  { index, detail }: Inspection<LocksDetail>,
  findings: Findings,
): void {
  const { count, rows } = detail;
  if (count === 0) return;
  findings.add((): Case => {
    const held = rows.slice(0, 3).map((row) => `${row.kind} of ${row.holder} (${row.held})`);
    const more = count > held.length ? ` and ${count - held.length} more` : "";
    return {
      summary: `${counted(count, "thing")} still held after the drain (${timeText(round, index)}): ${held.join(", ")}${more}`,
      round: round.round,
      events: [round.events.event(index)],
    };
  });
  findings.addUntold(count - 1);
}
