import type { ClaimDetail } from "../history/event.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { Findings, inconclusive, timeText } from "./findings.ts";

/**
 * A claim answers with no more jobs than it was asked for. `LIMIT 1` inside a subquery is no promise: where the planner
 * runs the subquery once a row, one claim takes hundreds.
 */
export const noOverClaim: Check = {
  name: "no-over-claim",
  property: "a claim returns no more jobs than were asked for",
  judge: ({ rounds }: Evidence): Judgement => {
    const findings = new Findings();
    let granted = 0;
    for (const round of rounds) {
      const { events, from, to } = round;
      for (let event = from; event < to; event++) {
        if (events.type(event) !== "ok" || events.op(event) !== "claim") continue;
        granted++;
        const more = (events.detail(event) as ClaimDetail | undefined)?.more;
        if (more !== undefined) judgeBatch(round, { event, got: more.length + 1, findings });
      }
    }
    if (granted === 0) return inconclusive("no claim was granted");
    return findings.judgement();
  },
};

interface Batch {
  readonly event: number;
  readonly got: number;
  readonly findings: Findings;
}

function judgeBatch(round: RoundEvidence, { event, got, findings }: Batch): void {
  const { events, operations } = round;
  const invoke = operations.invoke(operations.at(event));
  const asked = (events.detail(invoke) as ClaimDetail | undefined)?.limit ?? 1;
  if (got <= asked) return;
  findings.add((): Case => ({
    summary: `bot ${events.bot(event)} asked for ${asked} and was granted ${got} jobs (${timeText(round, event)})`,
    round: round.round,
    job: events.job(event),
    bots: [events.bot(event)],
    events: [events.event(event)],
  }));
}
