import { Alarm } from "../base/alarm.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import type { Chunk, Site, Stage } from "./stage.ts";

/**
 * A stage that holds chunks and passes them on later, in order. What is left to a toxic is when: `take` puts a chunk into
 * the queue, the alarm rings, and the head goes, or the first part of it. The end of the stream waits for all of that.
 */
export abstract class HoldingStage implements Stage {
  protected readonly site: Site;
  protected readonly queue = new ChunkQueue();
  protected readonly alarm = new Alarm(() => this.ring());
  #endTaken = false;

  constructor(site: Site) {
    this.site = site;
  }

  abstract take(chunk: Chunk): void;

  /** What the alarm was set for. */
  protected abstract ring(): void;

  get heldBytes(): number {
    return this.queue.heldBytes;
  }

  end(): void {
    this.#endTaken = true;
    this.endIfDone();
  }

  remove(): void {
    this.alarm.cancel();
    while (this.queue.head !== undefined) this.passHead();
  }

  stop(): void {
    this.alarm.cancel();
  }

  protected passHead(): void {
    const head = this.queue.shift();
    if (head !== undefined) this.site.pass(head);
  }

  /** The head goes in part: its first `bytes`, fewer than it has. */
  protected passFirst(bytes: number): void {
    const { head } = this.queue;
    if (head === undefined) return;
    this.queue.replaceHead({ data: head.data.subarray(bytes), atMs: head.atMs });
    this.site.pass({ data: head.data.subarray(0, bytes), atMs: head.atMs });
  }

  /** To be called where the last chunk may have gone. */
  protected endIfDone(): void {
    const isDone = this.queue.head === undefined && !this.alarm.pending;
    if (isDone && this.#endTaken) this.site.end();
  }
}
