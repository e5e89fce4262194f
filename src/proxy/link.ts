import type { Socket } from "node:net";
import { monotonicMs } from "../base/clock.ts";
import type { Wakefulness } from "../base/wakefulness.ts";
import type { LinkCounter } from "./metrics.ts";
import type { Chunk, Outlet } from "./stage.ts";
import type { Toxic } from "./toxic.ts";
import { ToxicSlot } from "./toxic-slot.ts";
import type { SlotHost } from "./toxic-slot.ts";
import type { StageToxicType } from "./toxic-type.ts";

export interface LinkOptions {
  readonly source: Socket;
  readonly destination: Socket;
  readonly counter: LinkCounter;
  readonly host: SlotHost;
  readonly wakefulness: Wakefulness;
  /** The end of the source ends only this direction; without it, both. */
  readonly halfClose: boolean;
}

/** More than this waiting in the destination's own buffer stops the reading. */
const writeBufferBytes = 64 * 1024;

/** Sees what a link reads before its toxics do, and decides what of it they get. */
export interface Tap {
  take(data: Buffer): void;
  end(): void;
}

/** One direction of one connection: reads the source, pushes through the toxics, writes to the destination. */
export class Link {
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #counter: LinkCounter;
  readonly #host: SlotHost;
  readonly #wakefulness: Wakefulness;
  readonly #halfClose: boolean;
  /** In the order in which the toxics were added. */
  #slots: ToxicSlot[] = [];
  #tap: Tap | undefined;
  #paused = false;
  #sourceEnded = false;
  #ended = false;
  /** The source has ended and so has the destination's other direction not. */
  #halfOpen = false;
  #silent = false;
  /** The source is read, so that its end is noticed, and nothing of it passes. */
  #deaf = false;

  constructor(options: LinkOptions) {
    this.#source = options.source;
    this.#destination = options.destination;
    this.#counter = options.counter;
    this.#host = options.host;
    this.#wakefulness = options.wakefulness;
    this.#halfClose = options.halfClose;
  }

  set tap(tap: Tap | undefined) {
    this.#tap = tap;
  }

  /** Starts reading; toxics are in place by now. */
  start(): void {
    this.#source.on("data", this.#receive);
    this.#source.on("end", this.#sourceGone);
    this.#source.on("close", this.#sourceClosed);
    this.#destination.on("drain", this.#adjustFlow);
  }

  /** `index`: how many toxics that are at work on this link come before it. */
  insert(toxic: Toxic, type: StageToxicType, index: number): void {
    const next = this.#slots[index]?.inlet ?? this.#writer;
    const slot = new ToxicSlot(toxic, type, { host: this.#host, next });
    this.#slots.splice(index, 0, slot);
    const before = this.#slots[index - 1];
    if (before !== undefined) before.next = slot.inlet;
  }

  /** The toxic's slot is taken out, and what it held goes on. False: the toxic was not at work here. */
  remove(toxic: Toxic): boolean {
    const index = this.#slots.findIndex((slot) => slot.toxic === toxic);
    const slot = this.#slots[index];
    if (slot === undefined) return false;
    slot.remove();
    this.#slots.splice(index, 1);
    const before = this.#slots[index - 1];
    if (before !== undefined) before.next = this.#slots[index]?.inlet ?? this.#writer;
    this.#adjustFlow();
    return true;
  }

  update(toxic: Toxic): void {
    this.#slots.find((slot) => slot.toxic === toxic)?.update();
    this.#adjustFlow();
  }

  has(toxic: Toxic): boolean {
    return this.#slots.some((slot) => slot.toxic === toxic);
  }

  /** Puts bytes in at the beginning of the chain. */
  push(data: Buffer): void {
    if (this.#silent) return;
    const first = this.#slots[0];
    if (first === undefined) this.#write(data);
    else first.inlet.pass({ data, atMs: monotonicMs() });
  }

  /** From now on nothing passes, not even the end; what comes is read and dropped. */
  silence(): void {
    this.#silent = true;
    this.#deaf = true;
    this.stop();
    this.#adjustFlow();
  }

  /** What is held goes on and then the end, whatever the source still says. */
  finish(): void {
    this.#deaf = true;
    this.#endChain();
    this.#adjustFlow();
  }

  /** Both sockets are gone, or nothing is to pass any more. */
  stop(): void {
    for (const slot of this.#slots) slot.stop();
    this.#slots = [];
  }

  readonly #receive = (data: Buffer): void => {
    this.#counter.receivedBytes += data.length;
    if (this.#deaf) return;
    if (this.#tap !== undefined) this.#tap.take(data);
    else this.push(data);
    this.#adjustFlow();
    this.#wakefulness.noteEvent(this.#host);
  };

  readonly #sourceGone = (): void => {
    if (this.#sourceEnded) return;
    this.#sourceEnded = true;
    if (this.#deaf) {
      this.#source.destroy();
      return;
    }
    this.#tap?.end();
    this.#endChain();
  };

  readonly #sourceClosed = (): void => {
    this.#sourceGone();
    // Of a connection that is half open, the other half has nobody any more to write to.
    if (this.#halfOpen) this.#closeDestination();
  };

  #endChain(): void {
    (this.#slots[0]?.inlet ?? this.#writer).end();
  }

  /** The end of the chain. */
  readonly #writer: Outlet = {
    pass: (chunk: Chunk) => {
      this.#write(chunk.data);
      this.#adjustFlow();
    },
    end: () => this.#end(),
  };

  #write(data: Buffer): void {
    if (this.#ended || !this.#destination.writable) return;
    this.#counter.sentBytes += data.length;
    this.#destination.write(data);
  }

  /**
   * The end of a link closes its destination in both directions once everything is written, as in Toxiproxy: the link the
   * other way then finds its source closed, and ends as well. With `halfClose` that is so only where a toxic ended it.
   */
  #end(): void {
    if (this.#ended || this.#silent) return;
    this.#ended = true;
    this.#halfOpen = this.#halfClose && this.#source.readableEnded && !this.#deaf;
    if (this.#halfOpen && !this.#source.destroyed) this.#destination.end();
    else this.#closeDestination();
    this.#adjustFlow();
  }

  #closeDestination(): void {
    this.#destination.setTimeout(lingerMs, () => this.#destination.destroy());
    this.#destination.destroySoon();
  }

  readonly #adjustFlow = (): void => {
    const full = this.#isFull();
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#source.pause();
    else this.#source.resume();
  };

  /** Once paused for the destination, until its buffer has drained: going on and off costs system calls. */
  #isFull(): boolean {
    if (this.#ended || this.#deaf) return false;
    if (this.#destination.writableNeedDrain) {
      if (this.#paused || this.#destination.writableLength > writeBufferBytes) return true;
    }
    if (this.#slots.length === 0) return false;
    let heldBytes = 0;
    let capacityBytes = 0;
    for (const slot of this.#slots) {
      heldBytes += slot.heldBytes;
      capacityBytes += slot.capacityBytes;
    }
    return heldBytes >= capacityBytes;
  }
}

/** A destination that accepts nothing for this long after the end is given up. */
const lingerMs = 60_000;
