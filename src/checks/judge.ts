import type { Role } from "../history/event.ts";
import type { Case, Check, Evidence, Judgement, Verdict } from "./check.ts";
import { inconclusive } from "./findings.ts";
import { checks } from "./registry.ts";

/** One strategy, judged by every check; the shape of `strategies[]` in result.json. */
export interface StrategyJudgement {
  readonly strategy: string;
  readonly role: Role;
  readonly verdict: Verdict;
  /** The checks that judged, in the order of the registry. */
  readonly checks: readonly CheckJudgement[];
  readonly notJudged: readonly { readonly name: string; readonly reason: string }[];
}

export interface CheckJudgement {
  readonly name: string;
  readonly property: string;
  readonly verdict: Verdict;
  readonly count: number;
  readonly evidence: readonly Case[];
  readonly note?: string | undefined;
}

/** Violated if any check is, else inconclusive if any is, else passed. */
export function judgeStrategy(
  evidence: Evidence,
  registry: readonly Check[] = checks,
): StrategyJudgement {
  const judged: CheckJudgement[] = [];
  const notJudged: { name: string; reason: string }[] = [];
  for (const check of registry) {
    const { name, property } = check;
    const judgement = judgeSafely(check, evidence);
    if (judgement.verdict === "not-judged") notJudged.push({ name, reason: judgement.reason });
    else judged.push({ name, property, ...judgement });
  }
  const { strategy, role } = evidence;
  return { strategy, role, verdict: worst(judged), checks: judged, notJudged };
}

/** A check that throws has not judged: that is no pass. */
function judgeSafely(check: Check, evidence: Evidence): Judgement {
  try {
    return check.judge(evidence);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return inconclusive(`the check failed: ${message}`);
  }
}

export interface RunJudgement {
  readonly verdict: Verdict;
  /** One sentence: why. */
  readonly reason: string;
}

/**
 * Violated when a subject violates a check; else inconclusive when a control was not caught, since then the run had not
 * the power to catch a subject either, or when a subject's check could not judge; else passed.
 */
export function judgeRun(strategies: readonly StrategyJudgement[]): RunJudgement {
  const subjects = strategies.filter(({ role }) => role === "subject");
  const controls = strategies.filter(({ role }) => role === "control");
  const violated = subjects.filter(({ verdict }) => verdict === "violated");
  if (violated.length > 0) {
    return { verdict: "violated", reason: sentence(violated.map(violationText)) };
  }
  const uncaught = controls.filter(({ verdict }) => verdict !== "violated");
  if (uncaught.length > 0) {
    const names = uncaught.map(({ strategy }) => strategy).join(", ");
    const reason = `the control ${names} was not caught, so this run could not have caught a subject either`;
    return { verdict: "inconclusive", reason };
  }
  const undecided = subjects.filter(({ verdict }) => verdict === "inconclusive");
  if (undecided.length > 0) {
    return { verdict: "inconclusive", reason: sentence(undecided.map(doubtText)) };
  }
  if (subjects.length === 0) return { verdict: "inconclusive", reason: "no subject was judged" };
  return {
    verdict: "passed",
    reason: sentence([...subjects.map(passText), ...controls.map(caughtText)]),
  };
}

function worst(judged: readonly CheckJudgement[]): Verdict {
  const verdicts = new Set(judged.map(({ verdict }) => verdict));
  if (verdicts.has("violated")) return "violated";
  return verdicts.has("inconclusive") || judged.length === 0 ? "inconclusive" : "passed";
}

function violationText({ strategy, checks: judged }: StrategyJudgement): string {
  return `${strategy} violates ${named(judged, "violated")}`;
}

function caughtText({ strategy, checks: judged }: StrategyJudgement): string {
  return `the control ${strategy} was caught by ${named(judged, "violated")}`;
}

function passText({ strategy, checks: judged }: StrategyJudgement): string {
  return `${strategy} satisfies all ${judged.length} checks`;
}

function doubtText({ strategy, checks: judged }: StrategyJudgement): string {
  const doubts = judged.filter(({ verdict }) => verdict === "inconclusive");
  const [first] = doubts;
  if (first === undefined) return `${strategy} was judged by no check`;
  const others = doubts.length > 1 ? ` (and ${doubts.length - 1} more)` : "";
  return `${first.name} could not judge ${strategy}${others}: ${first.note ?? "no reason given"}`;
}

function named(judged: readonly CheckJudgement[], verdict: Verdict): string {
  const texts = judged
    .filter((check) => check.verdict === verdict)
    .map(({ name, count }) => `${name} (${count})`);
  return texts.join(", ");
}

function sentence(parts: readonly string[]): string {
  return parts.join("; ");
}
