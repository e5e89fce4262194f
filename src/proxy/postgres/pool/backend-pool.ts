import { connect } from "node:net";
import type { Socket } from "node:net";
import { Alarm } from "../../../base/alarm.ts";
import { parseUpstream } from "../../dial.ts";
import { keepAlive } from "../../listener.ts";
import { Backend } from "./backend.ts";
import type { BackendHost, BackendUser } from "./backend.ts";

/** A client, as its pool sees it. */
export interface PoolClient extends BackendUser {
  /** Its login is to go to the server over this backend, which is its own until then. */
  logInOver(backend: Backend): void;
  /** It is in without a login of its own. `greeting`: the server's ParameterStatus messages. */
  admit(greeting: Buffer): void;
  /** The backend is its own for a transaction. */
  grant(backend: Backend): void;
  refuse(code: string, text: string): void;
}

/** PgBouncer's `query_wait_timeout` is 120 s, too long for a run to learn of it. */
const longestWaitMs = 30_000;
const dialMs = 10_000;

/**
 * The backends of clients that gave the same startup parameters. It has no password: the first clients, as many as it may
 * have backends, log in over the backend that they bring, and clients after that are let in without being asked.
 */
export class BackendPool implements BackendHost {
  readonly #upstream: string;
  readonly #size: number;
  /** The one used longest ago comes first, so that transactions move from backend to backend. */
  readonly #backends = new Set<Backend>();
  /** Clients that want a backend, and how long they may. */
  readonly #waiting = new Map<PoolClient, Alarm>();
  /** Clients that came while all backends there may be were logging in. */
  #entering: PoolClient[] = [];
  #greeting: Buffer | undefined;

  constructor(upstream: string, size: number) {
    this.#upstream = upstream;
    this.#size = size;
  }

  get backends(): readonly Backend[] {
    return [...this.#backends];
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  enter(client: PoolClient): void {
    if (this.#backends.size < this.#size) this.#open(client);
    else if (this.#greeting === undefined) this.#entering.push(client);
    else client.admit(this.#greeting);
  }

  acquire(client: PoolClient): void {
    // Who waits already comes first.
    const free = this.#waiting.size > 0 ? undefined : this.backends.find(({ isFree }) => isFree);
    if (free !== undefined) return this.#lend(free, client);
    if (this.#backends.size === 0) return client.refuse(...nothingLeft);
    const alarm = new Alarm(() => {
      this.#waiting.delete(client);
      client.refuse("53300", `no backend of the pool was free within ${longestWaitMs} ms`);
    });
    alarm.set(longestWaitMs);
    this.#waiting.set(client, alarm);
  }

  /** The client has gone. */
  leave(client: PoolClient): void {
    this.#entering = this.#entering.filter((other) => other !== client);
    this.#waiting.get(client)?.cancel();
    this.#waiting.delete(client);
  }

  close(): void {
    for (const client of this.#waiting.keys()) this.leave(client);
    for (const backend of this.#backends) backend.socket.destroy();
  }

  backendIsFree(backend: Backend): void {
    this.#greeting ??= backend.greeting;
    for (const client of this.#entering.splice(0)) client.admit(this.#greeting);
    const [next] = this.#waiting.keys();
    // A client that was told that it is free may have taken it again.
    if (next === undefined || !backend.isFree) return;
    this.leave(next);
    this.#lend(backend, next);
  }

  backendIsGone(backend: Backend): void {
    this.#backends.delete(backend);
    const next = this.#entering.shift();
    if (next !== undefined) return this.enter(next);
    if (this.#backends.size > 0) return;
    for (const client of this.#waiting.keys()) {
      this.leave(client);
      client.refuse(...nothingLeft);
    }
  }

  #lend(backend: Backend, client: PoolClient): void {
    this.#backends.delete(backend);
    this.#backends.add(backend);
    backend.take(client);
    client.grant(backend);
  }

  #open(client: PoolClient): void {
    const socket = dialServer(this.#upstream);
    if (typeof socket === "string") return client.refuse("08001", socket);
    const backend = new Backend(socket, this);
    this.#backends.add(backend);
    backend.take(client);
    client.logInOver(backend);
  }
}

const nothingLeft = ["08006", "the pool has no backend left: connect again"] as const;

/** A socket that is connecting, or what is wrong with the address. One that does not get through is closed. */
export function dialServer(upstream: string): Socket | string {
  const address = parseUpstream(upstream);
  if (typeof address === "string") return address;
  const socket = connect({ ...address, noDelay: true, ...keepAlive });
  socket.setTimeout(dialMs, () => socket.destroy());
  socket.once("connect", () => socket.setTimeout(0));
  return socket;
}
