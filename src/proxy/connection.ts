import type { Socket } from "node:net";
import { startClock } from "../base/clock.ts";
import { seededRandom } from "../base/random.ts";
import type { Random } from "../base/random.ts";
import type { Wakefulness } from "../base/wakefulness.ts";
import type { Cut, CutSide } from "./cut.ts";
import { directions } from "./direction.ts";
import type { Direction } from "./direction.ts";
import type { EventLog, ProxyEventKind } from "./event-log.ts";
import { Link } from "./link.ts";
import type { ProxyCounters } from "./metrics.ts";
import { PostgresSession } from "./postgres/session.ts";
import type { SessionHost } from "./postgres/session.ts";
import type { Toxic } from "./toxic.ts";
import type { SlotHost } from "./toxic-slot.ts";

export interface ConnectionOptions {
  /** Unique on the server. */
  readonly id: number;
  /** 1, 2, 3 … in the proxy: names the connection for the seed. */
  readonly ordinal: number;
  readonly proxy: string;
  readonly client: Socket;
  readonly server: Socket;
  readonly seed: number;
  readonly counters: ProxyCounters;
  readonly events: EventLog;
  readonly wakefulness: Wakefulness;
  readonly halfClose: boolean;
}

const systemClock = startClock(0n);

/** A client, the server it is connected to, and the two links between them. */
export class Connection implements SlotHost, SessionHost {
  readonly id: number;
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #links: Readonly<Record<Direction, Link>>;
  readonly #session = new PostgresSession(this);
  readonly #openedAtNs = systemClock.now();
  readonly #clientAddress: string;
  #closeReason: string | undefined;

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.#options = options;
    const { client, server, counters, wakefulness, halfClose } = options;
    this.#clientAddress = `${client.remoteAddress ?? ""}:${client.remotePort ?? ""}`;
    const link = (direction: Direction, source: Socket, destination: Socket): Link =>
      new Link({
        source,
        destination,
        counter: counters.links[direction],
        host: this,
        wakefulness,
        halfClose,
      });
    this.#links = {
      upstream: link("upstream", client, server),
      downstream: link("downstream", server, client),
    };
    this.closed = Promise.all([this.#watch(client, "client"), this.#watch(server, "server")]).then(
      () => this.#close(),
    );
  }

  start(toxics: readonly Toxic[]): void {
    for (const direction of directions) this.#arrangeLink(direction, toxics);
    for (const toxic of toxics) if (toxic.type.kind === "postgres") this.#arrangeRule(toxic);
    this.#tapLinks();
    this.#record("connect", { client: this.#clientAddress });
    this.#links.upstream.start();
    this.#links.downstream.start();
  }

  /** A toxic was added, or its toxicity changed: brings the links in line with the proxy's list. */
  arrange(toxic: Toxic, toxics: readonly Toxic[]): void {
    if (toxic.type.kind === "postgres") return this.#arrangeRule(toxic);
    const link = this.#links[toxic.stream];
    if (link.has(toxic) && this.#isAffectedBy(toxic)) link.update(toxic);
    else this.#arrangeLink(toxic.stream, toxics);
  }

  /** Ends the connection where the toxic has left a hole in its streams. */
  remove(toxic: Toxic): void {
    const wasAtWork = this.#links[toxic.stream].remove(toxic);
    const leavesHole =
      toxic.type.kind === "stage"
        ? wasAtWork && toxic.type.removalCuts === true
        : this.#session.removeRule(toxic);
    if (leavesHole) this.cut({ how: "fin", side: "both", reason: `toxic ${toxic.name} removed` });
  }

  cut({ how, side, reason, afterHeldData }: Cut): void {
    this.#closeReason ??= reason;
    if (how === "fin" && afterHeldData === true) return this.#finish(side);
    const { client, server } = this.#options;
    // With one side left open, its end must not follow from the other's.
    if (how === "silent" || side !== "both") this.#silence();
    if (side !== "server") cutSocket(client, how);
    if (side !== "client") cutSocket(server, how);
  }

  #silence(): void {
    this.#links.upstream.silence();
    this.#links.downstream.silence();
  }

  /** The links end towards the side that is cut; nothing passes to the other any more. */
  #finish(side: CutSide): void {
    const { upstream, downstream } = this.#links;
    if (side === "client") upstream.silence();
    else upstream.finish();
    if (side === "server") downstream.silence();
    else downstream.finish();
  }

  /** Both sockets at once, whatever is still under way. */
  destroy(reason: string): void {
    this.#closeReason ??= reason;
    this.#options.client.destroy();
    this.#options.server.destroy();
  }

  /** Decided once per connection, toxic and toxicity, whatever else changes in between. */
  #isAffectedBy(toxic: Toxic): boolean {
    if (toxic.toxicity >= 1) return true;
    return this.random(toxic).fork(`toxicity ${toxic.toxicity}`).next() < toxic.toxicity;
  }

  random(toxic: Toxic): Random {
    const { seed, proxy, ordinal } = this.#options;
    return seededRandom(seed, `${proxy}/${ordinal}/${toxic.name}`);
  }

  hit(toxic: Toxic): void {
    this.#options.counters.toxicHits++;
    this.#record("toxic", { toxic: toxic.name, type: toxic.type.name, stream: toxic.stream });
  }

  forward(direction: Direction, data: Buffer): void {
    this.#links[direction].push(data);
  }

  recordCut(toxic: Toxic, detail: Readonly<Record<string, unknown>>): void {
    this.#options.counters.toxicHits++;
    this.#record("toxic", { toxic: toxic.name, type: toxic.type.name, ...detail });
  }

  recordMessage(toxic: Toxic, detail: Readonly<Record<string, unknown>>): void {
    this.#record("message", { toxic: toxic.name, ...detail });
  }

  notice(toxic: Toxic, message: string): void {
    this.#record("notice", { toxic: toxic.name, type: toxic.type.name, message });
  }

  detach(): void {
    this.#links.upstream.tap = undefined;
    this.#links.downstream.tap = undefined;
  }

  /** Encryption hides PostgreSQL's messages from a `postgres_cut`. */
  get isEncrypted(): boolean {
    return this.#session.isEncrypted;
  }

  toJSON(): Record<string, unknown> {
    const { proxy, server } = this.#options;
    const upstream = `${server.remoteAddress ?? ""}:${server.remotePort ?? ""}`;
    return {
      id: this.id,
      proxy,
      client: this.#clientAddress,
      upstream,
      openedAtNs: this.#openedAtNs,
      pid: this.#session.pid,
    };
  }

  /** Walks the proxy's toxics of one direction in order, so that each one gets its place among those at work. */
  #arrangeLink(direction: Direction, toxics: readonly Toxic[]): void {
    const link = this.#links[direction];
    let index = 0;
    for (const toxic of toxics) {
      if (toxic.stream !== direction || toxic.type.kind !== "stage") continue;
      const affected = this.#isAffectedBy(toxic);
      if (affected && !link.has(toxic)) link.insert(toxic, toxic.type, index);
      if (!affected && link.has(toxic)) this.remove(toxic);
      if (affected) index++;
    }
  }

  #arrangeRule(toxic: Toxic): void {
    const affected = this.#isAffectedBy(toxic);
    if (!affected) this.remove(toxic);
    else if (this.#session.hasRule(toxic)) this.#session.updateRule(toxic);
    else this.#session.addRule(toxic, this.random(toxic));
  }

  #tapLinks(): void {
    const { upstream, downstream } = this.#links;
    const end = (): void => this.#session.end();
    upstream.tap = { take: (data) => this.#session.fromClient(data), end };
    downstream.tap = { take: (data) => this.#session.fromServer(data), end };
  }

  /** Resolves when the socket is closed. */
  #watch(socket: Socket, name: string): Promise<void> {
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#closeReason ??= `${name} ${error.code ?? error.message}`;
    });
    socket.on("end", () => {
      this.#closeReason ??= `${name} end`;
    });
    return new Promise((resolve) => {
      socket.once("close", () => resolve());
    });
  }

  #close(): void {
    this.#links.upstream.stop();
    this.#links.downstream.stop();
    this.#record("close", { reason: this.#closeReason ?? "closed", pid: this.#session.pid });
  }

  #record(kind: ProxyEventKind, detail: Record<string, unknown>): void {
    this.#options.events.record({
      kind,
      proxy: this.#options.proxy,
      connection: this.id,
      ...detail,
    });
  }
}

function cutSocket(socket: Socket, how: Cut["how"]): void {
  switch (how) {
    case "fin":
      socket.destroySoon();
      return;
    case "rst":
      socket.resetAndDestroy();
      return;
    case "silent":
      return;
  }
}
