import { mayChange } from "../../service/claim-run.ts";
import type { Strategy } from "../../service/strategy.ts";
import { QueueFile } from "../claimer.ts";
import type { Claimer } from "../claimer.ts";
import { stepAt } from "../recording.ts";
import type { Schedule } from "../schedule.ts";

/**
 * What a crash in a claim leaves behind: to the client many crashes look the same, and to the table they are different
 * truths.
 */
export interface CrashClass {
  readonly knows: "ok" | "failed" | "unknown" | "empty";
  readonly did: "nothing" | "claimed" | "half done";
}

/** `commits`: how many transactions of an undisturbed claim changed something. Undefined: the bot never got so far. */
export function classOf(schedule: Schedule, bot: number, commits: number): CrashClass | undefined {
  const crashed = schedule.steps.findIndex(({ crash }) => crash !== undefined) + 1;
  const knows = knownAfter(schedule, bot, crashed);
  if (crashed === 0 || knows === undefined) return undefined;
  const done = changesUntil(schedule, bot, Math.min(crashed, claimEnd(schedule, bot) ?? crashed));
  const did = done === 0 ? "nothing" : done >= commits ? "claimed" : "half done";
  return { knows, did };
}

export function classText({ knows, did }: CrashClass): string {
  return `client: ${knows}, server: ${did}`;
}

/** The step in which the bot's first claim was answered. */
export function claimEnd({ recording: { events } }: Schedule, bot: number): number | undefined {
  for (let event = 0; event < events.length; event++) {
    const isEnd = events.op(event) === "claim" && events.type(event) !== "invoke";
    if (isEnd && events.bot(event) === bot) return stepAt(events.t(event));
  }
  return undefined;
}

/** Transactions of the bot that had changed something, and committed, when the step was over. */
export function changesUntil(
  { steps, recording, end }: Schedule,
  bot: number,
  last: number,
): number {
  if (end.kind !== "complete") return 0;
  const changed = new Set(end.state.log.map(({ label }) => label));
  const committed = [...recording.commits].filter(([label, at]) => {
    const step = stepAt(at);
    return changed.has(label) && step <= last && steps[step - 1]?.bot === bot;
  });
  return committed.length;
}

/**
 * What crashes in a claim must have led to, and did not. What a module tells its callers is its own affair: of it only what
 * the server did is known beforehand.
 */
export function missingClasses(
  claimer: Claimer,
  commits: number,
  seen: ReadonlySet<string>,
): readonly string[] {
  if (!(claimer instanceof QueueFile)) {
    return classesOf(claimer, commits)
      .map(classText)
      .filter((name) => !seen.has(name));
  }
  const truths = [
    "server: nothing",
    ...(commits > 1 ? ["server: half done"] : []),
    "server: claimed",
  ];
  return truths.filter((truth) => ![...seen].some((name) => name.endsWith(truth)));
}

/**
 * The classes that crashes in a claim must lead to, by what its statements are:
 *
 * - in a transaction: a crash before COMMIT has certainly failed; the answer of a COMMIT that is lost may mean either
 * - statements that commit on their own: whatever comes before the first that may change something has failed
 */
export function classesOf(
  { transaction, steps }: Pick<Strategy, "transaction" | "steps">,
  commits: number,
): readonly CrashClass[] {
  const [first] = steps;
  const canFail = transaction !== "none" || (first !== undefined && !mayChange(first));
  return [
    ...(canFail ? [{ knows: "failed", did: "nothing" } as const] : []),
    { knows: "unknown", did: "nothing" },
    ...(commits > 1 ? [{ knows: "unknown", did: "half done" } as const] : []),
    { knows: "unknown", did: "claimed" },
    { knows: "ok", did: "claimed" },
  ];
}

/** What the bot was told of its first claim; a crash after that changes nothing of it. */
function knownAfter(
  { recording: { events } }: Schedule,
  bot: number,
  crashed: number,
): CrashClass["knows"] | undefined {
  for (let event = 0; event < events.length; event++) {
    if (events.op(event) !== "claim" || events.bot(event) !== bot) continue;
    const type = events.type(event);
    if (type === "invoke" || type === "info") continue;
    const isBefore = stepAt(events.t(event)) < crashed;
    if (isBefore && type !== "ok") continue;
    return type;
  }
  return undefined;
}
