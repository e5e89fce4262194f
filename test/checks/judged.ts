import type { Case, Check, Evidence, Judgement } from "../../src/checks/check.ts";
import { collectEvidence } from "../../src/checks/evidence.ts";
import { judgeStrategy } from "../../src/checks/judge.ts";
import type { RoundWitness, Witness } from "../../src/history/witness.ts";
import type { HistoryBuilder } from "../histories/builder.ts";

/** `witness`: what the database recorded of the history's only round. */
export function evidenceOf(history: HistoryBuilder, witness?: RoundWitness): Evidence {
  const recorded = witness === undefined ? null : witnessOf(witness);
  const [evidence] = collectEvidence(history.header(), history.events, recorded);
  if (evidence === undefined) throw new Error("the history has no strategy");
  return evidence;
}

export function witnessOf(round: RoundWitness): Witness {
  const { source, changes } = round;
  return { source, changes, rounds: [round], warnings: [] };
}

/** The same history as if another system had written it. */
export function foreignEvidenceOf(history: HistoryBuilder): Evidence {
  const [evidence] = collectEvidence({ ...history.header(), foreign: true }, history.events);
  if (evidence === undefined) throw new Error("the history has no strategy");
  return evidence;
}

/** The judgement of a history of one strategy. */
export function judged(check: Check, history: HistoryBuilder, witness?: RoundWitness): Judgement {
  return check.judge(evidenceOf(history, witness));
}

export function verdictOf(check: Check, history: HistoryBuilder): Judgement["verdict"] {
  return judged(check, history).verdict;
}

/** The cases of a violated check. */
export function casesOf(
  check: Check,
  history: HistoryBuilder,
  witness?: RoundWitness,
): readonly Case[] {
  const judgement = judged(check, history, witness);
  if (judgement.verdict === "violated") return judgement.evidence;
  throw new Error(`${check.name} is not violated: ${JSON.stringify(judgement)}`);
}

/** What any check says against a history. */
export function accusations(history: HistoryBuilder, witness?: RoundWitness): readonly string[] {
  const { checks } = judgeStrategy(evidenceOf(history, witness));
  const accusing = checks.filter(({ verdict }) => verdict === "violated");
  return accusing.map(({ name, evidence }) => `${name}: ${evidence[0]?.summary}`);
}
