import type { ConstraintsDetail, FaultDetail } from "../history/event.ts";
import { notesOf } from "../history/rounds.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";
import { inspectionsOf, roundsText } from "./inspections.ts";
import type { Inspection } from "./inspections.ts";

type Constraint = ConstraintsDetail["constraints"][number];

/**
 * A constraint that stands in a migration is not yet one that rejects: each must be in the catalog, and a row that breaks
 * it must be refused with the SQLSTATE that belongs to it. What the fault `corrupt-state` tried to write while they stood
 * must have been refused too.
 */
export const constraintsHold: Check = {
  name: "constraints-hold",
  property: "every constraint is in the catalog and refuses a row that breaks it",
  judge: ({ rounds, foreign }: Evidence): Judgement => {
    const constrained = rounds.filter((round) => round.constraints);
    if (rounds.length === 0) return inconclusive("no round was recorded");
    if (constrained.length === 0) return notJudged("this strategy runs without constraints");
    const findings = new Findings();
    const unprobed: RoundEvidence[] = [];
    let [probes, refused] = [0, 0];
    for (const round of constrained) {
      const inspections = inspectionsOf(round, "constraints");
      if (inspections.length === 0) unprobed.push(round);
      for (const inspection of inspections) probes += judgeProbes(round, inspection, findings);
      refused += judgeCorruptions(round, findings);
    }
    if (unprobed.length > 0) {
      const note = `not probed in ${roundsText(constrained, unprobed)}`;
      // The constraints of tables that are not ours are their owner's affair.
      if (foreign && unprobed.length === constrained.length) return notJudged(note);
      return findings.inconclusiveUnlessFound(note);
    }
    if (probes === 0) return findings.inconclusiveUnlessFound("there was no constraint to probe");
    return findings.judgement(`${counted(probes + refused, "violation")} tried`);
  },
};

function judgeProbes(
  round: RoundEvidence,
  { index, detail }: Inspection<ConstraintsDetail>,
  findings: Findings,
): number {
  for (const constraint of detail.constraints) {
    const problem = problemOf(constraint);
    if (problem !== undefined) findings.add(() => tell(round, index, problem));
  }
  return detail.constraints.length;
}

function problemOf({ name, present, rejectedWith, expected }: Constraint): string | undefined {
  if (!present) return `constraint ${name} is not in the catalog`;
  if (rejectedWith === null) return `constraint ${name} accepted a row that breaks it`;
  if (rejectedWith === expected) return undefined;
  return `a row that breaks constraint ${name} was refused with ${rejectedWith} instead of ${expected}`;
}

/** Returns how many attempts to corrupt the state were answered. */
function judgeCorruptions(round: RoundEvidence, findings: Findings): number {
  const answers = notesOf<FaultDetail>(round, "fault").filter(
    ({ detail }) => detail.kind === "corrupt-state" && detail.event === "hit",
  );
  for (const { index, detail } of answers) {
    if (detail.note !== "accepted") continue;
    const what = detail.aim ?? detail.fault;
    findings.add(() => tell(round, index, `the constraints let a corruption pass: ${what}`));
  }
  return answers.length;
}

function tell(round: RoundEvidence, event: number, problem: string): Case {
  return {
    summary: `${problem} (${timeText(round, event)})`,
    round: round.round,
    events: [round.events.event(event)],
  };
}
