import { Span } from "../base/span.ts";
import { sleep } from "../base/timer.ts";
import type { Record } from "../bots/bot.ts";
import { rangesOf } from "../history/job-set.ts";
import type { Target } from "../targets/target.ts";

interface Duty {
  readonly target: Target;
  readonly record: Record;
  readonly everyMs: number;
  /** Called once, where the target cannot be used at all: nobody rescues any more. */
  readonly onFailure: () => void;
}

/**
 * Takes expired claims from their holders, again and again, from its making until it is stopped. One rescue follows the
 * other: a slow one is not overtaken by the next.
 */
export class Rescuer implements AsyncDisposable {
  readonly #span = new Span();
  readonly #work: Promise<void>;

  constructor(duty: Duty) {
    this.#work = this.#rescueAgainAndAgain(duty);
    // The failure itself is thrown when the rescuer is stopped.
    this.#work.catch(duty.onFailure);
  }

  /** Resolves when the rescue that was under way is over; rejects with what made a rescue impossible. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#span.end();
    await this.#work;
  }

  async #rescueAgainAndAgain({ target, record, everyMs }: Duty): Promise<void> {
    const { signal } = this.#span;
    while (!signal.aborted) {
      await sleep(everyMs, signal);
      if (!signal.aborted) await rescueOnce(target, record);
    }
  }
}

async function rescueOnce(target: Target, record: Record): Promise<void> {
  record({ op: "rescue", type: "invoke" });
  const outcome = await target.rescue();
  if (outcome.kind === "ok") {
    record({ op: "rescue", type: "ok", detail: { jobs: outcome.value } });
  } else {
    const code = outcome.kind === "empty" ? undefined : outcome.code;
    record({ op: "rescue", type: outcome.kind, code });
  }
}

/** Makes all dead jobs pending again; false: there was none, or it could not be done. */
export async function redriveDeadLetters(target: Target, record: Record): Promise<boolean> {
  record({ op: "redrive", type: "invoke" });
  const outcome = await target.redrive();
  if (outcome.kind === "ok") {
    record({ op: "redrive", type: "ok", detail: { jobs: rangesOf(outcome.value) } });
    return true;
  }
  const code = outcome.kind === "empty" ? undefined : outcome.code;
  record({ op: "redrive", type: outcome.kind, code });
  return false;
}
