import type { VerificationDetail } from "../history/event.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";
import { inspectionsOf, roundsText } from "./inspections.ts";

type Query = VerificationDetail["queries"][number];

/** The files of `sql/verification`, asked after the drain: a row that any of them finds is a state that must not be. */
export const verificationQueries: Check = {
  name: "verification-queries",
  property: "every verification query counts 0",
  judge: ({ rounds, foreign }: Evidence): Judgement => {
    const findings = new Findings();
    const unasked: RoundEvidence[] = [];
    let queries = 0;
    for (const round of rounds) {
      const inspections = inspectionsOf(round, "verification");
      if (inspections.every(({ detail }) => detail.queries.length === 0)) unasked.push(round);
      for (const { index, detail } of inspections) {
        queries += detail.queries.length;
        for (const query of detail.queries) judgeQuery(round, { index, query, findings });
      }
    }
    if (rounds.length === 0) return inconclusive("no round was recorded");
    if (unasked.length > 0) {
      const note = `not asked in ${roundsText(rounds, unasked)}`;
      return foreign && queries === 0 ? notJudged(note) : findings.inconclusiveUnlessFound(note);
    }
    return findings.judgement(`${queries} queries asked`);
  },
};

interface Asked {
  readonly index: number;
  readonly query: Query;
  readonly findings: Findings;
}

/** A case a query, and its rows counted. */
function judgeQuery(round: RoundEvidence, { index, query, findings }: Asked): void {
  const { name, count, rows } = query;
  if (count === 0) return;
  const [row] = rows;
  const example = row === undefined ? "" : `, such as ${JSON.stringify(row)}`;
  findings.add((): Case => ({
    summary: `${name} found ${counted(count, "row")} (${timeText(round, index)})${example}`,
    round: round.round,
    events: [round.events.event(index)],
  }));
  findings.addUntold(count - 1);
}
