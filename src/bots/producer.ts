import { monotonicMs } from "../base/clock.ts";
import { sleep } from "../base/timer.ts";
import type { Producer } from "../scenario/load.ts";

/** Jobs that fall due within so long are added by one statement: a statement each would be a load of its own. */
const everyMs = 10;

/** Adds jobs at a rate while a load runs. What it could not add in time it adds when it can: its rate holds on the whole. */
export class JobProducer {
  readonly #spec: Producer | undefined;
  readonly #enqueue: (count: number) => Promise<void>;
  #isBusy: boolean;

  constructor(spec: Producer | undefined, enqueue: (count: number) => Promise<void>) {
    this.#spec = spec;
    this.#enqueue = enqueue;
    this.#isBusy = spec !== undefined;
  }

  /** Whether more jobs are to come. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Resolves when the last job was added, or `signal` aborts. Rejects with what adding jobs rejects with. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      if (this.#spec !== undefined) await this.#produce(this.#spec, signal);
    } finally {
      this.#isBusy = false;
    }
  }

  async #produce({ ratePerSecond, untilMs }: Producer, signal: AbortSignal): Promise<void> {
    const fromMs = monotonicMs();
    const endMs = untilMs ?? Infinity;
    let added = 0;
    for (let atMs = 0; atMs < endMs && !signal.aborted;) {
      await sleep(everyMs, signal);
      atMs = Math.min(endMs, monotonicMs() - fromMs);
      const due = Math.floor((atMs / 1000) * ratePerSecond) - added;
      if (due < 1 || signal.aborted) continue;
      await this.#enqueue(due);
      added += due;
    }
  }
}
