import { startClock } from "../base/clock.ts";

/** What happened to a connection. `atNs` is CLOCK_MONOTONIC in ns, what `process.hrtime.bigint()` reads in any process. */
export interface ProxyEvent extends NewProxyEvent {
  /** 1, 2, 3 … without gaps on one server. */
  readonly seq: number;
  readonly atNs: number;
}

/**
 * `toxic`: it affected the connection, told once for each connection and toxic. `refused`: the upstream could not be
 * reached. `notice`: a toxic cannot act on the connection, and why. `message`: one of PostgreSQL's protocol passes, and a toxic listens.
 */
export type ProxyEventKind = "connect" | "close" | "toxic" | "refused" | "notice" | "message";

export interface NewProxyEvent {
  readonly kind: ProxyEventKind;
  readonly proxy: string;
  readonly connection: number;
  readonly [detail: string]: unknown;
}

export interface EventPage {
  readonly events: readonly ProxyEvent[];
  /** Give this as `since` the next time. */
  readonly next: number;
  /** How many events after `since` were pushed out of the log before they were asked for. */
  readonly dropped: number;
}

const systemClock = startClock(0n);
const defaultCapacity = 16_384;
/** One reply stays small; `next` tells where to go on. */
const pageSize = 4096;

/** The last events, in a ring: old ones make room, and a reader is told how many it missed. */
export class EventLog {
  readonly #ring: ProxyEvent[] = [];
  readonly #capacity: number;
  #lastSeq = 0;

  constructor(capacity = defaultCapacity) {
    this.#capacity = capacity;
  }

  record(event: NewProxyEvent): void {
    const seq = ++this.#lastSeq;
    const { kind, proxy, connection, ...detail } = event;
    const entry = { seq, atNs: systemClock.now(), kind, proxy, connection, ...detail };
    this.#ring[(seq - 1) % this.#capacity] = entry;
  }

  /** Events with a number above `since`, oldest first. */
  page(since: number): EventPage {
    const oldest = Math.max(1, this.#lastSeq - this.#capacity + 1);
    const first = Math.max(since + 1, oldest);
    const last = Math.min(this.#lastSeq, first + pageSize - 1);
    const events: ProxyEvent[] = [];
    for (let seq = first; seq <= last; seq++) {
      const event = this.#ring[(seq - 1) % this.#capacity];
      if (event !== undefined) events.push(event);
    }
    const dropped = Math.max(0, first - since - 1);
    return { events, next: Math.max(last, Math.min(since, this.#lastSeq)), dropped };
  }
}
