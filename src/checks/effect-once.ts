import type { FinalDetail } from "../history/event.ts";
import type { WitnessChange } from "../history/witness-change.ts";
import type { Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged } from "./findings.ts";
import { finalOf, roundsText } from "./inspections.ts";
import { commitText, joined, resolvedText } from "./witness-notes.ts";
import type { Inspection } from "./inspections.ts";

/**
 * D4. The effect of a job is a row in an append-only table: a job that stands there twice was done twice, however clean
 * the job's own row looks. A job that succeeded without its effect, or with a wrong one, was not done.
 *
 * Where there is a witness, it tells by whom and when, and stands in for the table that nobody looked at in the end.
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
      if (final !== undefined) {
        effects += final.detail.effects.total;
        findWrongEffects(round, final, findings);
      } else {
        effects += findCommittedTwice(round, findings);
        if (round.witness?.isWhole !== true) unseen.push(round);
      }
    }
    if (rounds.length === 0) return inconclusive("no round was recorded");
    if (unseen.length > 0) {
      const note = `the effects were not looked at in ${roundsText(rounds, unseen)}`;
      const isLeftOut = foreign && unseen.length === rounds.length;
      return isLeftOut ? notJudged(note) : findings.inconclusiveUnlessFound(note);
    }
    if (effects === 0 && findings.count === 0) return notJudged("no job had an effect");
    const completions = resolvedText(rounds, { ops: ["complete"], noun: "completion" });
    return findings.judgement(joined(`${counted(effects, "effect")} looked at`, completions));
  },
};

function findWrongEffects(
  round: RoundEvidence,
  { detail }: Inspection<FinalDetail>,
  findings: Findings,
): void {
  const { repeated, repeatedCount, missing, missingCount } = detail.effects;
  const committed = repeated.length === 0 ? noEffects : effectsByJob(round);
  for (const { job, times } of repeated) {
    const changes = committed.get(job) ?? [];
    addCase(round, findings, { job, problem: `happened ${times} times`, changes });
  }
  for (const job of missing) {
    addCase(round, findings, { job, problem: "is missing or wrong", changes: [] });
  }
  findings.addUntold(repeatedCount - repeated.length + missingCount - missing.length);
}

/** Returns the number of effects that the witness knows of. */
function findCommittedTwice(round: RoundEvidence, findings: Findings): number {
  let effects = 0;
  for (const [job, changes] of effectsByJob(round)) {
    effects += changes.length;
    if (changes.length === 1) continue;
    addCase(round, findings, { job, problem: `happened ${changes.length} times`, changes });
  }
  return effects;
}

const noEffects: ReadonlyMap<number, readonly number[]> = new Map();

/** The changes that wrote each job's effects; of no job where nothing was witnessed. */
function effectsByJob({ witness }: RoundEvidence): ReadonlyMap<number, readonly number[]> {
  if (witness === null) return noEffects;
  const effects = new Map<number, number[]>();
  for (let change = witness.from; change < witness.to; change++) {
    const job = witness.changes.of(change) === "effect" ? witness.changes.job(change) : null;
    if (job === null) continue;
    const known = effects.get(job);
    if (known === undefined) effects.set(job, [change]);
    else known.push(change);
  }
  return effects;
}

interface WrongEffect {
  readonly job: number;
  readonly problem: string;
  /** Where the witness tells of it. */
  readonly changes: readonly number[];
}

function addCase(round: RoundEvidence, findings: Findings, wrong: WrongEffect): void {
  const { job, problem, changes } = wrong;
  findings.add(() => {
    const { events, witness } = round;
    const completions = completionsOf(round, job);
    const committed = witness === null ? [] : changes.map((each) => witness.changes.change(each));
    const bots = [...completions.map((event) => events.bot(event)), ...committed.map(botOf)];
    return {
      summary: `the effect of job ${job} ${problem}${committedText(round, changes)}`,
      round: round.round,
      job,
      bots: [...new Set(bots)],
      events: completions.map((event) => events.event(event)),
      ...(committed.length === 0 ? {} : { changes: committed }),
    };
  });
}

function botOf(change: WitnessChange): number {
  return change.bot ?? -1;
}

function committedText({ witness }: RoundEvidence, changes: readonly number[]): string {
  if (witness === null || changes.length === 0) return "";
  const times = changes.map(
    (change) => `bot ${witness.changes.bot(change)} (${commitText(witness, change)})`,
  );
  return `: by ${times.join(", ")}`;
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
