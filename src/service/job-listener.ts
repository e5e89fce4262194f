import { Client } from "pg";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import type { Random } from "../base/random.ts";
import { sleep } from "../base/timer.ts";
import { botApplication, pooledName } from "./bot-sessions.ts";

export interface JobListenerOptions {
  /** Where the bots connect: the proxy's side of the link. */
  readonly address: PostgresAddress;
  /** Also the name of the channel: see `sql/notify.sql`. */
  readonly schema: string;
  /** The process it listens for: 1, 2, 3 … */
  readonly place: number;
  /** Connecting takes so long at most. */
  readonly connectMs: number;
  /** A pooler stands in between. */
  readonly isPooled: boolean;
  /** It is opened again after it was lost; else it stays lost, and nobody says so. */
  readonly reconnect: boolean;
  readonly random: Random;
  /** There may be jobs. */
  readonly notified: () => void;
  /** It had been lost, and is there again. */
  readonly reopened: () => void;
  readonly onEvent: (event: "opened" | "lost" | "refused" | "notified", code?: string) => void;
}

const firstPauseMs = 2;
const longestPauseMs = 100;

/** `application_name` of the listener of a process: a bot's, for faults to aim at. */
export function listenerName(schema: string, place: number): string {
  return `${botApplication}-${schema}-listener${place}`;
}

/**
 * A connection of its own on which PostgreSQL tells of jobs, as job queues have one for each process. What is sent while it is
 * not there is not kept for it.
 */
export class JobListener implements AsyncDisposable {
  readonly #options: JobListenerOptions;
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #hasListened = false;
  #reopening: Promise<unknown> = Promise.resolve();

  constructor(options: JobListenerOptions) {
    this.#options = options;
  }

  /** Opens it, trying again until it works; false where `signal` aborts first. Only the first time: a loss is its own affair. */
  async listen(signal: AbortSignal): Promise<boolean> {
    if (this.#hasListened) return true;
    this.#hasListened = await this.#open(signal);
    return this.#hasListened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#reopening;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(ignore);
  }

  /** The pause doubles up to a bound, with jitter: processes that lost it together must not come back together. */
  async #open(signal: AbortSignal): Promise<boolean> {
    for (let pauseMs = firstPauseMs; !signal.aborted;) {
      if (await this.#tryOpen()) return true;
      await sleep(pauseMs * this.#options.random.between(0.5, 1.5), signal);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    return false;
  }

  async #tryOpen(): Promise<boolean> {
    const client = this.#newClient();
    try {
      await client.connect();
      await client.query(`LISTEN "${this.#options.schema}"`);
    } catch (error) {
      this.#options.onEvent("refused", (error as { code?: string }).code);
      client.end().catch(ignore);
      return false;
    }
    this.#client = client;
    this.#options.onEvent("opened");
    return true;
  }

  #newClient(): Client {
    const { address, schema, place, connectMs, isPooled } = this.#options;
    const client = new Client({
      ...address,
      password: address.password ?? "",
      ssl: address.ssl ?? false,
      // A pooler lends a backend to clients that said the same when they came.
      application_name: isPooled ? pooledName(schema) : listenerName(schema, place),
      options: `-c search_path=${schema}`,
      connectionTimeoutMillis: connectMs,
      query_timeout: connectMs,
    });
    client.on("notification", () => {
      this.#options.onEvent("notified");
      this.#options.notified();
    });
    client.on("error", (error: Error & { code?: string }) => this.#lose(client, error.code));
    client.on("end", () => this.#lose(client));
    return client;
  }

  /** The first report of a loss counts; `error` and `end` may both come, and neither if we closed it. */
  #lose(client: Client, code?: string): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(ignore);
    this.#options.onEvent("lost", code);
    if (this.#options.reconnect) this.#reopening = this.#reopen();
  }

  async #reopen(): Promise<void> {
    if (await this.#open(this.#closing.signal)) this.#options.reopened();
  }
}

function ignore(): void {
  // The connection is being thrown away: there is nobody left to tell.
}
