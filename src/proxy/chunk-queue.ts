import type { Chunk } from "./stage.ts";

/** What a chunk costs beside its bytes, so that a flood of tiny chunks is bounded too. */
const overheadBytes = 512;

/** Chunks in order of arrival, with their weight in memory. */
export class ChunkQueue {
  #chunks: Chunk[] = [];
  #first = 0;
  #heldBytes = 0;

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get head(): Chunk | undefined {
    return this.#chunks[this.#first];
  }

  push(chunk: Chunk): void {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.data.length + overheadBytes;
  }

  shift(): Chunk | undefined {
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined) return undefined;
    this.#first++;
    this.#heldBytes -= chunk.data.length + overheadBytes;
    if (this.#first === this.#chunks.length) this.#restart([]);
    else if (this.#first >= 1024) this.#restart(this.#chunks.slice(this.#first));
    return chunk;
  }

  /** Puts another chunk, or the rest of one, in the place of the head. */
  replaceHead(chunk: Chunk): void {
    const old = this.#chunks[this.#first];
    if (old === undefined) return;
    this.#chunks[this.#first] = chunk;
    this.#heldBytes += chunk.data.length - old.data.length;
  }

  #restart(chunks: Chunk[]): void {
    this.#chunks = chunks;
    this.#first = 0;
  }
}
