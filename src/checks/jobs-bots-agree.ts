import type { AgreementDetail } from "../history/event.ts";
import { phaseOf } from "../history/rounds.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";
import { inspectionsOf, roundsText } from "./inspections.ts";
import type { Inspection } from "./inspections.ts";
import { joined } from "./witness-notes.ts";

/**
 * A held job has exactly one bot pointing at it, and a bot points only at a job it holds. Compared in both directions in
 * one snapshot, again and again while the load runs and once after the drain: a disagreement that heals itself is one
 * all the same. Where a claim may take several jobs, a bot still points at one, and only bots are held against their jobs. `count` is the rows that disagreed, over all samples.
 */
export const jobsBotsAgree: Check = {
  name: "jobs-bots-agree",
  property: "jobs and bots agree in both directions, in every snapshot",
  judge: ({ rounds, plan, foreign }: Evidence): Judgement => {
    const findings = new Findings();
    const withoutLast: RoundEvidence[] = [];
    let [samples, during] = [0, 0];
    for (const round of rounds) {
      const found = inspectionsOf(round, "agreement");
      const lastUnder = found.filter(({ index }) => index < endOfLoad(round)).length;
      if (found.length === lastUnder) withoutLast.push(round);
      samples += found.length;
      during += lastUnder;
      for (const sample of found) addDisagreement(round, sample, findings);
    }
    if (samples === 0) {
      const note = "jobs and bots were never compared";
      return foreign ? notJudged(note) : inconclusive(note);
    }
    if (withoutLast.length > 0) {
      const note = `not compared after the load in ${roundsText(rounds, withoutLast)}`;
      return findings.inconclusiveUnlessFound(note);
    }
    if (during === 0) return findings.inconclusiveUnlessFound("never compared during the load");
    const isOneWay = (plan.scenario.claims?.limit ?? 1) > 1;
    const compared = `${counted(samples, "snapshot")} compared`;
    return findings.judgement(joined(compared, isOneWay ? oneWay : undefined));
  },
};

/** A bot points at one job, so that it does not point at another of its jobs says nothing. */
const oneWay = "only from bots to jobs, since a bot may hold several and points at one";

/** Samples from here on tell what the load left behind. A history without phases has one that is all load but its end. */
function endOfLoad(round: RoundEvidence): number {
  const load = phaseOf(round, "load");
  if (load !== undefined) return load.isWhole ? load.to : round.to;
  return inspectionsOf(round, "agreement").at(-1)?.index ?? round.to;
}

function addDisagreement(
  round: RoundEvidence,
  sample: Inspection<AgreementDetail>,
  findings: Findings,
): void {
  const { count, rows } = sample.detail;
  if (count === 0) return;
  const [row] = rows;
  findings.add((): Case => ({
    summary: `${counted(count, "row")} disagreed in the snapshot at ${timeText(round, sample.index)}, such as ${rowText(row)}`,
    round: round.round,
    ...(row?.job === undefined ? {} : { job: row.job }),
    ...(row?.bot === undefined ? {} : { bots: [row.bot] }),
    events: [round.events.event(sample.index)],
  }));
  findings.addUntold(count - 1);
}

function rowText(row: AgreementDetail["rows"][number] | undefined): string {
  if (row === undefined) return "one that was not recorded";
  const job = row.job === undefined ? "" : `job ${row.job}`;
  const bot = row.bot === undefined ? "" : `bot ${row.bot}`;
  const who = [job, bot].filter((part) => part !== "").join(" and ");
  return `${who}: ${row.problem}`;
}
