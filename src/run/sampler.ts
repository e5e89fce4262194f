import type { Record } from "../bots/bot.ts";
import { sleep } from "../base/timer.ts";
import type { Question, Target } from "../targets/target.ts";

/** Asks the target one question and records the answer; a question it cannot be asked is not recorded. */
export async function inspect(target: Target, question: Question, record: Record): Promise<void> {
  if (!target.capabilities.has(question)) return;
  record({ op: "inspect", type: "info", detail: await target.inspect(question) });
}

/** Pause between two samples: often enough to see a state that lasts, seldom enough not to be the load. */
const everyMs = 100;

/**
 * Compares jobs and bots again and again while the load runs: a disagreement that heals itself is one all the same.
 * A sample that cannot be taken (the server is down) is left out.
 */
export async function sampleAgreement(
  target: Target,
  record: Record,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await inspect(target, "agreement", record).catch(() => undefined);
    await sleep(everyMs, signal);
  }
}
