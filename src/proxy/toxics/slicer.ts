import type { Random } from "../../base/random.ts";
import { integer } from "../attributes.ts";
import { HoldingStage } from "../holding-stage.ts";
import type { Chunk } from "../stage.ts";
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

class SlicerStage extends HoldingStage {
  /** Lengths of the pieces that are left of the head of the queue. */
  #pieces: number[] = [];

  take(chunk: Chunk): void {
    this.queue.push(chunk);
    if (!this.alarm.pending) this.ring();
  }

  /** As in Toxiproxy, the rest of the chunk under way goes as one. */
  update(): void {
    if (!this.alarm.pending) return;
    this.alarm.cancel();
    this.passHead();
    this.ring();
  }

  protected ring(): void {
    const delayMs = this.site.setting("delay") / 1000;
    for (let { head } = this.queue; head !== undefined; { head } = this.queue) {
      this.#passPiece(head);
      if (delayMs > 0) return this.alarm.set(delayMs);
    }
    this.endIfDone();
  }

  protected override passHead(): void {
    this.#pieces = [];
    super.passHead();
  }

  #passPiece(head: Chunk): void {
    if (this.#pieces.length === 0) this.#pieces = this.#slice(head.data.length);
    const bytes = this.#pieces.shift() ?? head.data.length;
    if (bytes >= head.data.length) return this.passHead();
    this.site.hit();
    this.passFirst(bytes);
  }

  #slice(bytes: number): number[] {
    const averageBytes = this.site.setting("average_size");
    if (averageBytes <= 0) return [bytes];
    const variationBytes = Math.max(0, this.site.setting("size_variation"));
    return sliceLengths(bytes, { averageBytes, variationBytes, random: this.site.random });
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
