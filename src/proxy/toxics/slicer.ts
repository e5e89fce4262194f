import { Alarm } from "../../base/alarm.ts";
import type { Random } from "../../base/random.ts";
import { integer } from "../attributes.ts";
import { ChunkQueue } from "../chunk-queue.ts";
import type { Chunk, Site, Stage } from "../stage.ts";
import type { StageToxicType } from "../toxic-type.ts";

/**
 * Cuts chunks into pieces of about `average_size` bytes, give or take `size_variation`, and waits `delay` microseconds
 * after each. A chunk is halved again and again, as in Toxiproxy, so most pieces have between half the average and the
 * average. `average_size` 0 or less leaves chunks whole, where Toxiproxy's server dies.
 */
export const slicer: StageToxicType = {
  kind: "stage",
  name: "slicer",
  attributes: [integer("average_size"), integer("size_variation"), integer("delay")],
  start: (site) => new SlicerStage(site),
};

class SlicerStage implements Stage {
  readonly #site: Site;
  readonly #alarm = new Alarm(() => this.#continue());
  readonly #queue = new ChunkQueue();
  /** Lengths of the pieces that are left of the head of the queue. */
  #pieces: number[] = [];
  #ended = false;

  constructor(site: Site) {
    this.#site = site;
  }

  get heldBytes(): number {
    return this.#queue.heldBytes;
  }

  take(chunk: Chunk): void {
    this.#queue.push(chunk);
    if (!this.#alarm.pending) this.#continue();
  }

  end(): void {
    this.#ended = true;
    if (!this.#alarm.pending) this.#continue();
  }

  /** As in Toxiproxy, the rest of the chunk under way goes as one. */
  update(): void {
    if (!this.#alarm.pending) return;
    this.#alarm.cancel();
    this.#passRest();
    this.#continue();
  }

  remove(): void {
    this.#alarm.cancel();
    while (this.#queue.head !== undefined) this.#passRest();
  }

  stop(): void {
    this.#alarm.cancel();
  }

  #continue(): void {
    const delayMs = this.#site.setting("delay") / 1000;
    for (let head = this.#queue.head; head !== undefined; head = this.#queue.head) {
      this.#passPiece(head);
      if (delayMs > 0) return this.#alarm.set(delayMs);
    }
    if (this.#ended) this.#site.end();
  }

  #passPiece(head: Chunk): void {
    if (this.#pieces.length === 0) this.#pieces = this.#slice(head.data.length);
    const bytes = this.#pieces.shift() ?? head.data.length;
    if (bytes >= head.data.length) return this.#passRest();
    this.#site.hit();
    this.#queue.replaceHead({ data: head.data.subarray(bytes), atMs: head.atMs });
    this.#site.pass({ data: head.data.subarray(0, bytes), atMs: head.atMs });
  }

  #passRest(): void {
    this.#pieces = [];
    const head = this.#queue.shift();
    if (head !== undefined) this.#site.pass(head);
  }

  #slice(bytes: number): number[] {
    const averageBytes = this.#site.setting("average_size");
    if (averageBytes <= 0) return [bytes];
    const variationBytes = Math.max(0, this.#site.setting("size_variation"));
    return sliceLengths(bytes, { averageBytes, variationBytes, random: this.#site.random });
  }
}

interface SliceSettings {
  readonly averageBytes: number;
  readonly variationBytes: number;
  readonly random: Random;
}

/** The lengths add up to `bytes`; each is at least 1. */
export function sliceLengths(bytes: number, settings: SliceSettings): number[] {
  const { averageBytes, variationBytes, random } = settings;
  if (bytes <= Math.max(1, averageBytes + variationBytes)) return [bytes];
  const shift = variationBytes > 0 ? random.integer(variationBytes * 2) - variationBytes : 0;
  const middle = Math.min(bytes - 1, Math.max(1, Math.floor(bytes / 2) + shift));
  return [...sliceLengths(middle, settings), ...sliceLengths(bytes - middle, settings)];
}
