import type { JobKey } from "../history/job-keys.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";
import { answeredHolds, witnessedHolds } from "./keyed-holds.ts";
import type { Hold, KeyedHolds } from "./keyed-holds.ts";
import { commitText } from "./witness-notes.ts";
import { Accusations } from "./witnessed-jobs.ts";

/**
 * Jobs that share a key (a customer, an account) are done one at a time, and in the order in which they were enqueued: a
 * job may be granted when all older ones of its key are done for good. One that failed and waits for its retry is not, so
 * the others wait with it; one that is dead is.
 *
 * ```
 *   key a   job 3   bot 1   claim ok ────────────────── complete invoke
 *   key a   job 7   bot 2              claim ok                            ← two of one key at once
 *   key b   job 4           (nobody)
 *   key b   job 9   bot 3              claim ok                            ← overtakes job 4
 * ```
 *
 * Only what is certain counts: a job is held from the answer to its claim until something may have ended that, and done
 * from where its end was asked for. Which of two jobs comes first is certain where they were acknowledged together, by
 * their numbers, or the one before the other was sent. Where there is a witness, its order of commits shows what the
 * answers do not.
 */
export const serialKeys: Check = {
  name: "serial-keys",
  property: "jobs that share a key are done one at a time, in the order of enqueueing",
  judge: ({ rounds, plan }: Evidence): Judgement => {
    const findings = new Findings();
    let [keys, grants] = [0, 0];
    for (const round of rounds) {
      keys += round.keys.length;
      grants += judgeRound(round, findings);
    }
    if (keys === 0) {
      if (plan.scenario.jobs.keys === undefined) return notJudged("jobs have no keys");
      return inconclusive("no job with a key was acknowledged");
    }
    if (grants === 0) return findings.inconclusiveUnlessFound("no job with a key was granted");
    return findings.judgement(`${counted(grants, "grant")} of ${counted(keys, "key")}`);
  },
};

/** Returns the number of grants that bots were told of. */
function judgeRound(round: RoundEvidence, findings: Findings): number {
  const accused = new Accusations();
  const answered = answeredHolds(round);
  let grants = 0;
  for (const key of round.keys.all) {
    grants += judgeKey(key, answered, (wrong) => {
      accused.add(wrong.hold.job, 1);
      findings.add(() => tellAnswered(round, key, wrong));
    });
  }
  const { witness } = round;
  if (witness === null || !witness.isWhole) return grants;
  const witnessed = witnessedHolds(witness, round.keys);
  for (const key of round.keys.all) {
    judgeKey(key, witnessed, (wrong) => {
      if (!accused.take(wrong.hold.job)) findings.add(() => tellWitnessed(round, key, wrong));
    });
  }
  return grants;
}

/** A grant that came too early, and the job that it should have waited for; `held`: which was held by somebody then. */
interface Wrong {
  readonly hold: Hold;
  readonly other: number;
  readonly held: Hold | undefined;
}

/** Returns the number of grants of the key's jobs. */
function judgeKey(key: JobKey, known: KeyedHolds, accuse: (wrong: Wrong) => void): number {
  const holds = key.batches.flatMap(({ jobs }) => jobs.flatMap((job) => known.of(job)));
  const overtaken = overtakenBy(key, known);
  let latest: Hold | undefined;
  for (const hold of holds.toSorted((left, right) => left.from - right.from)) {
    const held = latest !== undefined && isHeldAt(latest, hold) ? latest : undefined;
    const before = overtaken.get(hold.job);
    if (held !== undefined && held.job !== hold.job) accuse({ hold, other: held.job, held });
    else if (before !== undefined && before.doneFrom > hold.from) {
      accuse({ hold, other: before.job, held: undefined });
    }
    if (held === undefined || hold.to >= held.to) latest = hold;
  }
  return holds.length;
}

function isHeldAt({ to, toNs }: Hold, { from, fromNs }: Hold): boolean {
  return to > from && (toNs === Infinity || toNs > fromNs);
}

interface Undone {
  readonly job: number;
  readonly doneFrom: number;
}

/** For each job of the key the one that certainly comes before it and is done last. */
function overtakenBy({ batches }: JobKey, known: KeyedHolds): ReadonlyMap<number, Undone> {
  const last = new Map<number, Undone>();
  /** Of all batches up to and with each. */
  const latestOf: (Undone | undefined)[] = [];
  for (const [at, { invoke, jobs }] of batches.entries()) {
    let before = at - 1;
    while (before >= 0 && (batches[before]?.event ?? 0) > invoke) before--;
    let undone = latestOf[before];
    for (const job of jobs) {
      if (undone !== undefined) last.set(job, undone);
      undone = later(undone, { job, doneFrom: known.doneFrom(job) });
    }
    latestOf.push(undone === undefined ? latestOf[at - 1] : later(latestOf[at - 1], undone));
  }
  return last;
}

/** The first of equals: the oldest job is what everybody waits for. */
function later(one: Undone | undefined, other: Undone): Undone {
  return one === undefined || other.doneFrom > one.doneFrom ? other : one;
}

function tellAnswered(round: RoundEvidence, key: JobKey, { hold, other, held }: Wrong): Case {
  const { events } = round;
  const what = `job ${hold.job} of key ${key.name} was granted to bot ${hold.bot} (${timeText(round, hold.from)})`;
  const why =
    held === undefined
      ? `though job ${other} of that key, enqueued before it, was not done`
      : `while bot ${held.bot} held job ${other} of that key (granted at ${timeText(round, held.from)})`;
  return {
    summary: `${what} ${why}`,
    round: round.round,
    job: hold.job,
    bots: [...new Set([held?.bot ?? hold.bot, hold.bot])],
    events: [...(held === undefined ? [] : [held.from]), hold.from].map((at) => events.event(at)),
  };
}

function tellWitnessed(round: RoundEvidence, key: JobKey, { hold, other, held }: Wrong): Case {
  const { witness } = round;
  const changes = [...(held === undefined ? [] : [held.from]), hold.from];
  const when = witness === null ? "" : ` (${commitText(witness, hold.from)})`;
  const why =
    held === undefined
      ? `though job ${other} of that key, enqueued before it, was not done`
      : `while bot ${held.bot} held job ${other} of that key`;
  return {
    summary: `job ${hold.job} of key ${key.name} was granted to bot ${hold.bot}${when} ${why}, as the database recorded it`,
    round: round.round,
    job: hold.job,
    bots: [...new Set([held?.bot ?? hold.bot, hold.bot])],
    events: [],
    changes: changes.flatMap((change) => witness?.changes.change(change) ?? []),
  };
}
