import type { Socket } from "node:net";
import type { Wakefulness } from "../base/wakefulness.ts";
import { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import { directions } from "./direction.ts";
import type { EventLog } from "./event-log.ts";
import { AddressError, joinHostPort, resolveListen, splitHostPort } from "./listen-address.ts";
import type { HostPort } from "./listen-address.ts";
import { ListenError, Listener } from "./listener.ts";
import { newCounters } from "./metrics.ts";
import type { ProxyCounters } from "./metrics.ts";
import { PostgresPooler } from "./postgres/pool/pooler.ts";
import type { PoolSettings } from "./postgres/pool/pooler.ts";
import type { Toxic } from "./toxic.ts";

/** What the proxies of one server share. */
export interface ProxyContext {
  readonly seed: number;
  readonly events: EventLog;
  readonly wakefulness: Wakefulness;
  nextConnectionId(): number;
  /** Whether the proxy's upstream is, in the end, the proxy itself. */
  leadsBack(proxy: Proxy): boolean;
}

export interface ProxySpec {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  /** Beyond Toxiproxy: the end of one direction leaves the other open. */
  readonly halfClose: boolean;
  /** Beyond Toxiproxy: connections share backends of a PostgreSQL. */
  readonly pool: PoolSettings | undefined;
}

/** A port that forwards to an upstream, through its toxics. */
export class Proxy {
  readonly name: string;
  readonly counters: ProxyCounters = newCounters();
  readonly #halfClose: boolean;
  readonly #pool: PoolSettings | undefined;
  #pooler: PostgresPooler | undefined;
  readonly #context: ProxyContext;
  readonly #connections = new Map<number, Connection>();
  /** Clients whose upstream is not connected yet. */
  readonly #waiting = new Set<Socket>();
  #toxics: Toxic[] = [];
  #listen: string;
  /** What the client asked for, when it left the choice of the port to us. */
  #asked: string;
  #upstream: string;
  #listener: Listener | undefined;
  #ordinal = 0;
  #closed: Promise<unknown> = Promise.resolve();

  constructor(spec: ProxySpec, context: ProxyContext) {
    this.name = spec.name;
    this.#listen = spec.listen;
    this.#asked = spec.listen;
    this.#upstream = spec.upstream;
    this.#halfClose = spec.halfClose;
    this.#pool = spec.pool;
    this.#context = context;
  }

  get enabled(): boolean {
    return this.#listener !== undefined;
  }

  /** `host:port`; resolved once the proxy has been started. */
  get listen(): string {
    return this.#listen;
  }

  get upstream(): string {
    return this.#upstream;
  }

  /** Upstream toxics first, each direction in the order of addition. */
  get toxics(): readonly Toxic[] {
    return directions.flatMap((stream) => this.#toxics.filter((toxic) => toxic.stream === stream));
  }

  get connections(): readonly Connection[] {
    return [...this.#connections.values()];
  }

  /** Who has which backend; undefined where connections do not share any. */
  get pooler(): PostgresPooler | undefined {
    return this.#pooler;
  }

  connection(id: number): Connection | undefined {
    return this.#connections.get(id);
  }

  toxic(name: string): Toxic | undefined {
    return this.#toxics.find((toxic) => toxic.name === name);
  }

  /** Opens the port. Keeps a port that was chosen before, so that disabling and enabling does not move the proxy. */
  async start(): Promise<void> {
    if (this.#listener !== undefined) return;
    const address = await this.#address();
    const pooler = this.#pool && (await PostgresPooler.open(this.#upstream, this.#pool));
    try {
      this.#listener = await Listener.open(address, (client) => this.#accept(client));
    } catch (error) {
      await pooler?.close();
      throw error;
    }
    this.#pooler = pooler;
    const { host, port } = this.#listener.address;
    this.#listen = joinHostPort(host, port);
  }

  /** Closes the port, then every connection: both peers read an end. What toxics hold is lost. Waits for nobody. */
  stop(): void {
    const portClosed = this.#listener?.close();
    this.#listener = undefined;
    const poolClosed = this.#pooler?.close();
    this.#pooler = undefined;
    for (const client of this.#waiting) client.destroy();
    const connections = this.connections;
    for (const connection of connections) connection.destroy("proxy stopped");
    const closing = connections.map((connection) => connection.closed);
    this.#closed = Promise.all([this.#closed, portClosed, poolClosed, ...closing]);
  }

  /** Resolves once the port and all sockets are closed, after `stop`. */
  async closed(): Promise<void> {
    await this.#closed;
  }

  /** Whether `listen` and `upstream` name what the proxy has already; wildcards and names are compared resolved. */
  async differs(listen: string, upstream: string): Promise<boolean> {
    return upstream !== this.#upstream || !(await this.#isListeningOn(listen));
  }

  /** Takes the addresses over; the caller has stopped the proxy. */
  readdress(listen: string, upstream: string): void {
    this.#listen = listen;
    this.#asked = listen;
    this.#upstream = upstream;
  }

  addToxic(toxic: Toxic): void {
    this.#toxics.push(toxic);
    for (const connection of this.#connections.values()) connection.arrange(toxic, this.#toxics);
  }

  /** The toxic has its new values already. */
  updateToxic(toxic: Toxic): void {
    for (const connection of this.#connections.values()) connection.arrange(toxic, this.#toxics);
  }

  removeToxic(toxic: Toxic): void {
    this.#toxics = this.#toxics.filter((other) => other !== toxic);
    for (const connection of this.#connections.values()) connection.remove(toxic);
  }

  removeAllToxics(): void {
    for (const toxic of this.#toxics) this.removeToxic(toxic);
  }

  toJSON(): Record<string, unknown> {
    const { name, listen, upstream, enabled, toxics } = this;
    const extensions = {
      ...(this.#halfClose && { halfClose: true }),
      ...(this.#pool !== undefined && { pool: this.#pool }),
    };
    return { name, listen, upstream, enabled, ...extensions, toxics };
  }

  async #address(): Promise<HostPort> {
    try {
      return await resolveListen(this.#listen);
    } catch (error) {
      if (error instanceof AddressError) throw new ListenError(`listen tcp: ${error.message}`);
      throw error;
    }
  }

  async #isListeningOn(listen: string): Promise<boolean> {
    if (listen === this.#listen || listen === this.#asked) return true;
    const wanted = await resolveListen(listen);
    const current = await resolveListen(this.#listen);
    if (wanted.host !== current.host) return false;
    const askedForAnyPort = this.#asked === "" || splitHostPort(this.#asked).port === 0;
    return wanted.port === current.port || (wanted.port === 0 && askedForAnyPort);
  }

  /** The client is accepted before its upstream is dialled; dials run side by side and have a deadline. */
  #accept(client: Socket): void {
    const id = this.#context.nextConnectionId();
    const ordinal = ++this.#ordinal;
    const refuse = (reason: string): void => {
      this.#context.events.record({ kind: "refused", proxy: this.name, connection: id, reason });
      client.destroy();
    };
    if (this.#context.leadsBack(this)) return refuse("the proxy's upstream is the proxy itself");
    this.#waiting.add(client);
    const forget = (): void => void this.#waiting.delete(client);
    client.on("error", forget);
    client.once("close", forget);
    dial(this.#pooler?.address ?? this.#upstream, {
      client,
      connected: (server) => {
        forget();
        if (client.destroyed) server.destroy();
        else this.#connect(client, { server, id, ordinal });
      },
      failed: (reason) => {
        forget();
        refuse(reason);
      },
    });
  }

  #connect(client: Socket, { server, id, ordinal }: Accepted): void {
    const { seed, events, wakefulness } = this.#context;
    const connection = new Connection({
      id,
      ordinal,
      client,
      server,
      seed,
      events,
      wakefulness,
      halfClose: this.#halfClose,
      proxy: this.name,
      counters: this.counters,
    });
    void connection.closed.then(() => this.#connections.delete(id));
    this.counters.connections++;
    this.#connections.set(id, connection);
    connection.start(this.#toxics);
  }
}

interface Accepted {
  readonly server: Socket;
  readonly id: number;
  readonly ordinal: number;
}
