import { monotonicMs } from "../../base/clock.ts";
import { integer } from "../attributes.ts";
import { HoldingStage } from "../holding-stage.ts";
import type { Chunk } from "../stage.ts";
import type { StageToxicType } from "../toxic-type.ts";

/**
 * Delays every chunk by `latency` ms, plus or minus up to `jitter` ms, counted from when it was read. Order is kept: a
 * chunk that drew a long delay holds those behind it. The end of the stream follows the data and has no delay of its own.
 */
export const latency: StageToxicType = {
  kind: "stage",
  name: "latency",
  attributes: [integer("latency"), integer("jitter")],
  start: (site) => new LatencyStage(site),
};

class LatencyStage extends HoldingStage {
  /** Toxiproxy queues 1024 chunks of 32 KiB here, so that a delay does not become a bandwidth limit. */
  readonly capacityBytes = 32 * 1024 * 1024;
  #headDelayMs = 0;

  take(chunk: Chunk): void {
    this.queue.push(chunk);
    if (this.queue.head === chunk) this.#startHead();
  }

  /** As in Toxiproxy, the chunk that is waiting goes at once and those behind it wait by the new settings. */
  update(): void {
    this.alarm.cancel();
    this.passHead();
    this.#startHead();
  }

  protected ring(): void {
    this.#passDelayed();
    this.#startHead();
  }

  /** Passes the head and all behind it that are due, and waits for the next. A loop, because thousands may be due at once. */
  #startHead(): void {
    for (let { head } = this.queue; head !== undefined; { head } = this.queue) {
      this.#headDelayMs = this.#drawDelayMs();
      if (this.#headDelayMs > 0) this.site.hit();
      const dueMs = head.atMs + this.#headDelayMs;
      if (dueMs > monotonicMs()) return this.alarm.setAt(dueMs);
      this.#passDelayed();
    }
    this.endIfDone();
  }

  /** `latency` plus a whole number of ms drawn from [-jitter, jitter), Toxiproxy's formula. */
  #drawDelayMs(): number {
    const jitterMs = this.site.setting("jitter");
    const shiftMs = jitterMs > 0 ? this.site.random.integer(jitterMs * 2) - jitterMs : 0;
    return this.site.setting("latency") + shiftMs;
  }

  /** The chunk's time moves by the delay that was meant, so that a second latency toxic adds all of its own. */
  #passDelayed(): void {
    const head = this.queue.shift();
    if (head === undefined) return;
    this.site.pass({ data: head.data, atMs: head.atMs + Math.max(0, this.#headDelayMs) });
  }
}
