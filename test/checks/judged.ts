import type { Case, Check, Evidence, Judgement } from "../../src/checks/check.ts";
import { collectEvidence } from "../../src/checks/evidence.ts";
import type { HistoryBuilder } from "../histories/builder.ts";

export function evidenceOf(history: HistoryBuilder): Evidence {
  const [evidence] = collectEvidence(history.header(), history.events);
  if (evidence === undefined) throw new Error("the history has no strategy");
  return evidence;
}

/** The same history as if another system had written it. */
export function foreignEvidenceOf(history: HistoryBuilder): Evidence {
  const [evidence] = collectEvidence({ ...history.header(), foreign: true }, history.events);
  if (evidence === undefined) throw new Error("the history has no strategy");
  return evidence;
}

/** The judgement of a history of one strategy. */
export function judged(check: Check, history: HistoryBuilder): Judgement {
  return check.judge(evidenceOf(history));
}

export function verdictOf(check: Check, history: HistoryBuilder): Judgement["verdict"] {
  return judged(check, history).verdict;
}

/** The cases of a violated check. */
export function casesOf(check: Check, history: HistoryBuilder): readonly Case[] {
  const judgement = judged(check, history);
  if (judgement.verdict === "violated") return judgement.evidence;
  throw new Error(`${check.name} is not violated: ${JSON.stringify(judgement)}`);
}
