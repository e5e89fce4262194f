import type { Random } from "../base/random.ts";
import type { Cut } from "./cut.ts";

/** What one read from a socket returned. Toxics act on chunks, not on messages. */
export interface Chunk {
  readonly data: Buffer;
  /** `monotonicMs()` when it was read, later by what an earlier toxic made it wait on purpose. */
  readonly atMs: number;
}

/** Where chunks go next: another stage, or the socket at the end of the link. */
export interface Outlet {
  pass(chunk: Chunk): void;
  /** No more will come. After it, `pass` is ignored. */
  end(): void;
}

/**
 * One toxic at work on one link of one connection.
 *
 * ```
 *   client ══ source socket ─▶ stage 1 ─▶ stage 2 ─▶ … ─▶ destination socket ══ server     upstream link
 *   client ══ destination socket ◀─ … ◀─ stage 2 ◀─ stage 1 ◀─ source socket ══ server     downstream link
 * ```
 *
 * Chunks are pushed from stage to stage. A stage that wants to hold a chunk keeps it and says so in `heldBytes`; the
 * link stops reading its source while too much is held, so that nothing piles up. Nothing here waits: adding, changing
 * and removing a toxic take effect at once, whatever the peers do.
 */
export interface Stage {
  take(chunk: Chunk): void;
  /** The source has ended. What is held still goes first. */
  end(): void;
  /** The attributes or the toxicity were changed. */
  update?(): void;
  /** The toxic is being removed: pass on what is held, in order, and forget it. */
  remove?(): void;
  /** The connection is gone: only timers are left to be stopped. */
  stop?(): void;
  readonly heldBytes?: number;
  /** How much may be held before the link stops reading; 64 KiB where not given. */
  readonly capacityBytes?: number;
}

/** What a stage can do with the connection it works on. */
export interface Site extends Outlet {
  /** The toxic's attribute as it is now. */
  setting(attribute: string): number;
  /** Seeded for this connection and toxic, so the same run draws the same jitter. */
  readonly random: Random;
  /** Notes, once per connection, that the toxic really affected it. */
  hit(): void;
  cut(cut: Cut): void;
}
