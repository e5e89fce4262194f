import { Alarm } from "../../base/alarm.ts";
import { monotonicMs } from "../../base/clock.ts";
import { count } from "../attributes.ts";
import { ChunkQueue } from "../chunk-queue.ts";
import type { Chunk, Site, Stage } from "../stage.ts";
import type { StageToxicType } from "../toxic-type.ts";

/**
 * Lets through `rate` KB/s (1 KB = 1000 bytes, so `rate` is bytes per ms). Store and forward: n bytes leave n / rate ms
 * after their turn came, in pieces of at most 100 ms. Idle time earns no credit. Rate 0 freezes the link: nothing is
 * passed and nothing is lost, and removing the toxic resumes it.
 */
export const bandwidth: StageToxicType = {
  kind: "stage",
  name: "bandwidth",
  attributes: [count("rate")],
  start: (site) => new BandwidthStage(site),
};

const longestPieceMs = 100;

class BandwidthStage implements Stage {
  readonly #site: Site;
  readonly #queue = new ChunkQueue();
  readonly #alarm = new Alarm(() => this.#passPiece());
  #pieceBytes = 0;
  #pieceDueMs = 0;
  #ended = false;

  constructor(site: Site) {
    this.#site = site;
  }

  get heldBytes(): number {
    return this.#queue.heldBytes;
  }

  take(chunk: Chunk): void {
    this.#site.hit();
    this.#queue.push(chunk);
    if (this.#queue.head === chunk) this.#startPiece(monotonicMs());
  }

  end(): void {
    this.#ended = true;
    if (this.#queue.head === undefined) this.#site.end();
  }

  /** As in Toxiproxy, the rest of the chunk under way goes at once. */
  update(): void {
    this.#alarm.cancel();
    this.#passHead();
    if (this.#queue.head !== undefined) this.#startPiece(monotonicMs());
    else if (this.#ended) this.#site.end();
  }

  remove(): void {
    this.#alarm.cancel();
    while (this.#queue.head !== undefined) this.#passHead();
  }

  stop(): void {
    this.#alarm.cancel();
  }

  /** The time is counted from `fromMs`, when the piece before was due: a late timer does not add up. */
  #startPiece(fromMs: number): void {
    const head = this.#queue.head;
    const bytesPerMs = this.#site.setting("rate");
    if (head === undefined || bytesPerMs <= 0) return;
    this.#pieceBytes = Math.min(head.data.length, bytesPerMs * longestPieceMs);
    this.#pieceDueMs = fromMs + this.#pieceBytes / bytesPerMs;
    this.#alarm.setAt(this.#pieceDueMs);
  }

  #passPiece(): void {
    const head = this.#queue.head;
    if (head === undefined) return;
    if (this.#pieceBytes >= head.data.length) this.#passHead();
    else this.#passFirst(head, this.#pieceBytes);
    if (this.#queue.head !== undefined) this.#startPiece(this.#pieceDueMs);
    else if (this.#ended) this.#site.end();
  }

  #passHead(): void {
    const head = this.#queue.shift();
    if (head !== undefined) this.#site.pass(head);
  }

  #passFirst(head: Chunk, bytes: number): void {
    this.#queue.replaceHead({ data: head.data.subarray(bytes), atMs: head.atMs });
    this.#site.pass({ data: head.data.subarray(0, bytes), atMs: head.atMs });
  }
}
