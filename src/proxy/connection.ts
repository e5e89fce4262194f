import type { Socket } from "node:net";
import { startClock } from "../base/clock.ts";
import { seededRandom } from "../base/random.ts";
import type { Random } from "../base/random.ts";
import type { Cut } from "./cut.ts";
import { directions } from "./direction.ts";
import type { Direction } from "./direction.ts";
import type { EventLog } from "./event-log.ts";
import { Link } from "./link.ts";
import type { ProxyCounters } from "./metrics.ts";
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
  readonly onClose: () => void;
}

const systemClock = startClock(0n);

/** A client, the server it is connected to, and the two links between them. */
export class Connection implements SlotHost {
  readonly id: number;
  readonly #options: ConnectionOptions;
  readonly #links: Readonly<Record<Direction, Link>>;
  readonly #openedAtNs = systemClock.now();
  readonly #clientAddress: string;
  #openSockets = 2;
  #closeReason: string | undefined;

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.#options = options;
    const { client, server, counters } = options;
    this.#clientAddress = `${client.remoteAddress ?? ""}:${client.remotePort ?? ""}`;
    const link = (direction: Direction, source: Socket, destination: Socket): Link =>
      new Link({ direction, source, destination, counter: counters.links[direction], host: this });
    this.#links = {
      upstream: link("upstream", client, server),
      downstream: link("downstream", server, client),
    };
  }

  start(toxics: readonly Toxic[]): void {
    for (const direction of directions) this.#arrange(direction, toxics);
    this.#watch(this.#options.client, "client");
    this.#watch(this.#options.server, "server");
    this.#record("connect", {});
    this.#links.upstream.start();
    this.#links.downstream.start();
  }

  /** A toxic was added, or its toxicity changed: brings the links in line with the proxy's list. */
  arrange(toxic: Toxic, toxics: readonly Toxic[]): void {
    const link = this.#links[toxic.stream];
    if (link.has(toxic) && this.#isAffectedBy(toxic)) link.update(toxic);
    else this.#arrange(toxic.stream, toxics);
  }

  remove(toxic: Toxic): void {
    const wasAffected = this.#links[toxic.stream].remove(toxic);
    if (wasAffected && toxic.type.kind === "stage" && toxic.type.removalCuts === true) {
      this.cut({ how: "fin", side: "both", reason: `toxic ${toxic.name} removed` });
    }
  }

  cut({ how, side, reason }: Cut): void {
    this.#closeReason ??= reason;
    const { client, server } = this.#options;
    // With one side left open, its end must not follow from the other's.
    if (how === "silent" || side !== "both") {
      this.#links.upstream.silence();
      this.#links.downstream.silence();
    }
    if (side !== "server") cutSocket(client, how);
    if (side !== "client") cutSocket(server, how);
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

  toJSON(): Record<string, unknown> {
    const { proxy, server } = this.#options;
    const upstream = `${server.remoteAddress ?? ""}:${server.remotePort ?? ""}`;
    return {
      id: this.id,
      proxy,
      client: this.#clientAddress,
      upstream,
      openedAtNs: this.#openedAtNs,
    };
  }

  /** Walks the proxy's toxics of one direction in order, so that each one gets its place among those at work. */
  #arrange(direction: Direction, toxics: readonly Toxic[]): void {
    const link = this.#links[direction];
    let index = 0;
    for (const toxic of toxics) {
      if (toxic.stream !== direction || toxic.type.kind !== "stage") continue;
      const affected = this.#isAffectedBy(toxic);
      if (affected && !link.has(toxic)) link.insert(toxic, toxic.type, index);
      if (!affected) link.remove(toxic);
      if (affected) index++;
    }
  }

  #watch(socket: Socket, name: string): void {
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#closeReason ??= `${name} ${error.code ?? error.message}`;
    });
    socket.on("end", () => {
      this.#closeReason ??= `${name} end`;
    });
    socket.on("close", () => {
      this.#openSockets--;
      if (this.#openSockets === 0) this.#close();
    });
  }

  #close(): void {
    this.#links.upstream.stop();
    this.#links.downstream.stop();
    this.#record("close", { reason: this.#closeReason ?? "closed" });
    this.#options.onClose();
  }

  #record(kind: "connect" | "close" | "toxic", detail: Record<string, unknown>): void {
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
