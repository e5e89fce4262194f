import { Alarm } from "../../base/alarm.ts";
import { monotonicMs } from "../../base/clock.ts";
import { integer } from "../attributes.ts";
import { ChunkQueue } from "../chunk-queue.ts";
import type { Chunk, Site, Stage } from "../stage.ts";
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

class LatencyStage implements Stage {
  /** Toxiproxy queues 1024 chunks of 32 KiB here, so that a delay does not become a bandwidth limit. */
  readonly capacityBytes = 32 * 1024 * 1024;
  readonly #site: Site;
  readonly #queue = new ChunkQueue();
  readonly #alarm = new Alarm(() => this.#release());
  #headDelayMs = 0;
  #ended = false;

  constructor(site: Site) {
    this.#site = site;
  }

  get heldBytes(): number {
    return this.#queue.heldBytes;
  }

  take(chunk: Chunk): void {
    this.#queue.push(chunk);
    if (this.#queue.head === chunk) this.#startHead();
  }

  end(): void {
    this.#ended = true;
    if (this.#queue.head === undefined) this.#site.end();
  }

  /** As in Toxiproxy, the chunk that is waiting goes at once and those behind it wait by the new settings. */
  update(): void {
    this.#alarm.cancel();
    this.#passHead(0);
    this.#continue();
  }

  remove(): void {
    this.#alarm.cancel();
    while (this.#queue.head !== undefined) this.#passHead(0);
  }

  stop(): void {
    this.#alarm.cancel();
  }

  #startHead(): void {
    const head = this.#queue.head;
    if (head === undefined) return;
    this.#headDelayMs = this.#drawDelayMs();
    if (this.#headDelayMs > 0) this.#site.hit();
    const dueMs = head.atMs + this.#headDelayMs;
    if (dueMs <= monotonicMs()) this.#release();
    else this.#alarm.setAt(dueMs);
  }

  /** `latency` plus a whole number of ms drawn from [-jitter, jitter), Toxiproxy's formula. */
  #drawDelayMs(): number {
    const jitterMs = this.#site.setting("jitter");
    const shiftMs = jitterMs > 0 ? this.#site.random.integer(jitterMs * 2) - jitterMs : 0;
    return this.#site.setting("latency") + shiftMs;
  }

  /** Passes the head, and all behind it that are due as well. A loop, because thousands may be due at once. */
  #release(): void {
    this.#passHead(this.#headDelayMs);
    this.#continue();
  }

  #continue(): void {
    for (let head = this.#queue.head; head !== undefined; head = this.#queue.head) {
      this.#headDelayMs = this.#drawDelayMs();
      const dueMs = head.atMs + this.#headDelayMs;
      if (dueMs > monotonicMs()) return this.#alarm.setAt(dueMs);
      this.#passHead(this.#headDelayMs);
    }
    if (this.#ended) this.#site.end();
  }

  /** The chunk's time moves by the delay that was meant, so that a second latency toxic adds all of its own. */
  #passHead(delayMs: number): void {
    const head = this.#queue.shift();
    if (head !== undefined) {
      this.#site.pass({ data: head.data, atMs: head.atMs + Math.max(0, delayMs) });
    }
  }
}
