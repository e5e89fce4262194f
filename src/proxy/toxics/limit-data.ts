import { integer } from "../attributes.ts";
import type { Chunk, Site, Stage } from "../stage.ts";
import type { StageToxicType } from "../toxic-type.ts";

/**
 * Lets exactly `bytes` bytes of its direction through and closes the connection. Counting starts when the toxic meets
 * the connection and goes on over changes of the limit; a limit lowered below what has passed closes at the next chunk.
 */
export const limitData: StageToxicType = {
  kind: "stage",
  name: "limit_data",
  attributes: [integer("bytes")],
  start: (site) => new LimitDataStage(site),
};

class LimitDataStage implements Stage {
  readonly #site: Site;
  #passedBytes = 0;

  constructor(site: Site) {
    this.#site = site;
  }

  take(chunk: Chunk): void {
    const leftBytes = this.#site.setting("bytes") - this.#passedBytes;
    if (chunk.data.length < leftBytes) return this.#pass(chunk);
    if (leftBytes > 0) this.#pass({ data: chunk.data.subarray(0, leftBytes), atMs: chunk.atMs });
    this.#site.hit();
    this.#site.end();
  }

  end(): void {
    this.#site.end();
  }

  #pass(chunk: Chunk): void {
    this.#passedBytes += chunk.data.length;
    this.#site.pass(chunk);
  }
}
