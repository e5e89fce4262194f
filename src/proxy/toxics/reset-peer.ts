import { integer } from "../attributes.ts";
import { HoldingStage } from "../holding-stage.ts";
import type { Chunk } from "../stage.ts";
import type { StageToxicType } from "../toxic-type.ts";

/**
 * Waits for the first chunk (or the end) of its direction, then for `timeout` ms, and resets both sockets: the peers get
 * ECONNRESET and the chunk is never delivered. Idle connections are not touched. Unlike Toxiproxy it resets connections
 * that were open before it was added, too, and removing it in time lets the held data pass.
 */
export const resetPeer: StageToxicType = {
  kind: "stage",
  name: "reset_peer",
  attributes: [integer("timeout")],
  start: (site) => new ResetPeerStage(site),
};

class ResetPeerStage extends HoldingStage {
  take(chunk: Chunk): void {
    this.queue.push(chunk);
    this.#trigger();
  }

  override end(): void {
    this.#trigger();
  }

  update(): void {
    if (this.alarm.pending) this.alarm.set(this.site.setting("timeout"));
  }

  protected ring(): void {
    this.site.hit();
    this.site.cut({ how: "rst", side: "both", reason: "reset_peer" });
  }

  #trigger(): void {
    if (this.alarm.pending) return;
    const timeoutMs = this.site.setting("timeout");
    if (timeoutMs > 0) this.alarm.set(timeoutMs);
    else this.ring();
  }
}
