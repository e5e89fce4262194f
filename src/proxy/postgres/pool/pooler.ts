import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { joinHostPort } from "../../listen-address.ts";
import { Listener } from "../../listener.ts";
import { BackendPool, dialServer } from "./backend-pool.ts";
import { messages } from "./messages.ts";
import type { BackendKey } from "./messages.ts";
import { PooledClient } from "./pooled-client.ts";

/** How a proxy shares its backends out. */
export interface PoolSettings {
  /** A backend is a client's for one transaction, as in PgBouncer's mode of that name. */
  readonly mode: "transaction";
  /** Backends for each set of startup parameters. */
  readonly size: number;
}

/** Above every pid of an operating system: nobody takes a client's number for that of a backend. */
const pidsOfNobody = 2 ** 30;
/** Sets of startup parameters that are told apart; each has backends of its own. */
const poolLimit = 64;

/**
 * A pooler as PgBouncer is one in transaction mode: every transaction, and every statement outside of one, goes to a
 * backend that is free, and the next to another. What a session keeps on its backend beyond a transaction (advisory locks,
 * SET, temporary tables, LISTEN, PREPARE) is lost to the client, and found by others.
 *
 * ```
 *   client 1 ─▶ link with toxics ─▶┐          ┌─▶ backend 1
 *   client 2 ─▶ link with toxics ─▶│  pooler  │
 *   client 3 ─▶ link with toxics ─▶┘          └─▶ backend 2
 * ```
 * It listens on a port of its own, and the proxy's connections lead there instead of to the upstream.
 */
export class PostgresPooler {
  readonly #upstream: string;
  readonly #size: number;
  readonly #pools = new Map<string, BackendPool>();
  /** By the pid of the key that each was given. */
  readonly #clients = new Map<number, PooledClient>();
  #listener: Listener | undefined;
  #lastPid = pidsOfNobody;

  private constructor(upstream: string, { size }: PoolSettings) {
    this.#upstream = upstream;
    this.#size = size;
  }

  static async open(upstream: string, settings: PoolSettings): Promise<PostgresPooler> {
    const pooler = new PostgresPooler(upstream, settings);
    const loopback = { host: "127.0.0.1", port: 0 };
    pooler.#listener = await Listener.open(loopback, (socket) => pooler.#accept(socket));
    return pooler;
  }

  /** Where clients connect. */
  get address(): string {
    const { host = "", port = 0 } = this.#listener?.address ?? {};
    return joinHostPort(host, port);
  }

  /** Refuses new clients and drops those that are there, with every backend. Resolves when the port is closed. */
  async close(): Promise<void> {
    const closed = this.#listener?.close();
    for (const { socket } of this.#clients.values()) socket.destroy();
    for (const pool of this.#pools.values()) pool.close();
    await closed;
  }

  toJSON(): Record<string, unknown> {
    const pools = [...this.#pools.values()];
    const backends = pools.flatMap((pool) =>
      pool.backends.map(({ key, isTaken }) => ({ pid: key?.pid, busy: isTaken })),
    );
    const waiting = pools.reduce((sum, pool) => sum + pool.waiting, 0);
    return {
      mode: "transaction",
      size: this.#size,
      clients: this.#clients.size,
      waiting,
      backends,
    };
  }

  #accept(socket: Socket): void {
    const key = { pid: ++this.#lastPid, secret: randomBytes(4) };
    const client = new PooledClient(socket, key, {
      poolFor: (startup) => this.#poolFor(startup),
      cancel: (wanted, done) => this.#cancel(wanted, done),
      left: () => void this.#clients.delete(key.pid),
    });
    this.#clients.set(key.pid, client);
  }

  #poolFor(startup: Buffer): BackendPool | undefined {
    const name = poolName(startup);
    const existing = this.#pools.get(name);
    if (existing !== undefined || this.#pools.size >= poolLimit) return existing;
    const pool = new BackendPool(this.#upstream, this.#size);
    this.#pools.set(name, pool);
    return pool;
  }

  /** The backend that the client has at this moment is told, and is nobody else's until that has arrived. */
  #cancel({ pid, secret }: BackendKey, done: () => void): void {
    const client = this.#clients.get(pid);
    const backend = client?.key.secret.equals(secret) === true ? client.backend : undefined;
    if (backend?.key === undefined) return done();
    const socket = dialServer(this.#upstream);
    if (typeof socket === "string") return done();
    backend.cancelStarted();
    socket.on("error", () => {});
    // The server closes the connection once it has signalled the backend.
    socket.resume().once("close", () => {
      backend.cancelArrived();
      done();
    });
    socket.end(messages.cancel(backend.key));
  }
}

/** The startup parameters, without the one that says nothing about the session. */
function poolName(startup: Buffer): string {
  const words = startup.toString("latin1", 4).split("\0");
  const pairs: string[] = [];
  for (let i = 0; i + 1 < words.length; i += 2) {
    if (words[i] !== "" && words[i] !== "application_name")
      pairs.push(`${words[i]}=${words[i + 1]}`);
  }
  return pairs.toSorted().join("\0");
}
