import { monotonicMs } from "../../base/clock.ts";
import { count } from "../attributes.ts";
import { HoldingStage } from "../holding-stage.ts";
import type { Chunk } from "../stage.ts";
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

class BandwidthStage extends HoldingStage {
  #pieceBytes = 0;
  #pieceDueMs = 0;

  take(chunk: Chunk): void {
    this.site.hit();
    this.queue.push(chunk);
    if (this.queue.head === chunk) this.#startPiece(monotonicMs());
  }

  /** As in Toxiproxy, the rest of the chunk under way goes at once. */
  update(): void {
    this.alarm.cancel();
    this.passHead();
    this.#startPiece(monotonicMs());
    this.endIfDone();
  }

  protected ring(): void {
    const { head } = this.queue;
    if (head === undefined) return;
    if (this.#pieceBytes >= head.data.length) this.passHead();
    else this.passFirst(this.#pieceBytes);
    this.#startPiece(this.#pieceDueMs);
    this.endIfDone();
  }

  /** The time is counted from `fromMs`, when the piece before was due: a late timer does not add up. */
  #startPiece(fromMs: number): void {
    const { head } = this.queue;
    const bytesPerMs = this.site.setting("rate");
    if (head === undefined || bytesPerMs <= 0) return;
    this.#pieceBytes = Math.min(head.data.length, bytesPerMs * longestPieceMs);
    this.#pieceDueMs = fromMs + this.#pieceBytes / bytesPerMs;
    this.alarm.setAt(this.#pieceDueMs);
  }
}
