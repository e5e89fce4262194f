import { Alarm } from "../../base/alarm.ts";
import { integer } from "../attributes.ts";
import { ChunkQueue } from "../chunk-queue.ts";
import type { Chunk, Site, Stage } from "../stage.ts";
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

class ResetPeerStage implements Stage {
  readonly #site: Site;
  readonly #alarm: Alarm;
  readonly #queue = new ChunkQueue();

  constructor(site: Site) {
    this.#site = site;
    this.#alarm = new Alarm(() => this.#reset());
  }

  get heldBytes(): number {
    return this.#queue.heldBytes;
  }

  take(chunk: Chunk): void {
    this.#queue.push(chunk);
    this.#trigger();
  }

  end(): void {
    this.#trigger();
  }

  update(): void {
    if (this.#alarm.pending) this.#alarm.set(this.#site.setting("timeout"));
  }

  remove(): void {
    this.#alarm.cancel();
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
      this.#site.pass(chunk);
    }
  }

  stop(): void {
    this.#alarm.cancel();
  }

  #trigger(): void {
    if (this.#alarm.pending) return;
    const timeoutMs = this.#site.setting("timeout");
    if (timeoutMs > 0) this.#alarm.set(timeoutMs);
    else this.#reset();
  }

  #reset(): void {
    this.#site.hit();
    this.#site.cut({ how: "rst", side: "both", reason: "reset_peer" });
  }
}
