import pLimit from "p-limit";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import type { BotConnections } from "../scenario/scenario.ts";
import { BotConnection } from "./bot-connection.ts";
import type { BackendSharing, ConnectionOptions, StatementCounter } from "./bot-connection.ts";
import { classifyError } from "./outcome.ts";
import type { Failure, Outcome } from "./outcome.ts";

export interface SessionOptions {
  readonly address: PostgresAddress;
  readonly schema: string;
  readonly bots: number;
  readonly connections: BotConnections;
  readonly statementMs: number;
  /** Absent: every connection has a backend of its own. */
  readonly pool?: BackendSharing | undefined;
  /** `bot` is null for a connection of a shared pool. */
  readonly onConnection: (
    bot: number | null,
    event: "opened" | "lost" | "refused",
    code?: string,
  ) => void;
  /** Absent: a plain connection. Slot 1, 2, 3 … */
  readonly makeConnection?: (
    slot: number,
    options: ConnectionOptions,
    counter: StatementCounter,
  ) => BotConnection;
  /** The bots have predecessors of the same numbers, whose backends may still be there. */
  readonly isSuccessor?: boolean | undefined;
}

/** `application_name` of every connection of a bot begins so; faults aim at nothing else. */
export const botApplication = "doubletake-bot";

/** `application_name` of all bots that share the backends of a pooler. */
export function pooledName(schema: string): string {
  return `${botApplication}-${schema}-pool`;
}

/** Connecting is slow for the server: a process is forked for each. More at once only makes all of them late. */
const connectingAtOnce = 8;

/** The bots' connections: one each, or a pool that all share. */
export class BotSessions implements AsyncDisposable {
  readonly counter: StatementCounter = { statements: 0, roundTrips: 0 };
  readonly #own: readonly BotConnection[];
  readonly #free: BotConnection[];
  readonly #gate: ReturnType<typeof pLimit>;
  readonly #isPool: boolean;

  constructor(options: SessionOptions) {
    const { connections } = options;
    this.#isPool = connections !== "per-bot";
    const size = connections === "per-bot" ? options.bots : connections;
    this.#own = Array.from({ length: size }, (_, slot) => this.#connection(options, slot + 1));
    this.#free = [...this.#own];
    this.#gate = pLimit(size);
  }

  /** Opens whatever is not open. Null, or why a connection could not be opened. */
  async openAll(): Promise<Failure | null> {
    const limit = pLimit(connectingAtOnce);
    const failures = await Promise.all(this.#own.map((own) => limit(() => tryOpen(own))));
    return failures.find((failure) => failure !== null) ?? null;
  }

  /** Makes sure the bot's own connection is open; bots of a pool have none, and connect when they need one. */
  async connect(bot: number): Promise<Failure | null> {
    if (this.#isPool || this.#ownOf(bot).isOpen) return null;
    return await tryOpen(this.#ownOf(bot));
  }

  /** Runs `use` on the bot's connection, or on the next free one of the pool. */
  with<T>(
    bot: number,
    use: (connection: BotConnection) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    return this.#isPool ? this.#withAny(use) : useOpened(this.#ownOf(bot), use);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#own.map((connection) => connection.close()));
  }

  async #withAny<T>(use: (connection: BotConnection) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    return await this.#gate(async () => {
      const connection = this.#free.shift() as BotConnection;
      try {
        return await useOpened(connection, use);
      } finally {
        // Who is told next what he holds may be on another connection: a backend that was lost is gone before anybody is told.
        if (!connection.isOpen) await tryOpen(connection);
        this.#free.push(connection);
      }
    });
  }

  #ownOf(bot: number): BotConnection {
    return this.#own[bot - 1] as BotConnection;
  }

  #connection(options: SessionOptions, slot: number): BotConnection {
    const { address, schema, statementMs, pool, onConnection, isSuccessor } = options;
    // A pooler lends a backend to clients that said the same when they came.
    const name = pool === undefined ? `${botApplication}-${schema}-${slot}` : pooledName(schema);
    const bot = this.#isPool ? null : slot;
    const onEvent = (event: "opened" | "lost" | "refused", code?: string): void =>
      onConnection(bot, event, code);
    const connection = { address, schema, name, statementMs, pool, onEvent, isSuccessor };
    return (
      options.makeConnection?.(slot, connection, this.counter) ??
      new BotConnection(connection, this.counter)
    );
  }
}

async function tryOpen(connection: BotConnection): Promise<Failure | null> {
  try {
    await connection.open();
    return null;
  } catch (error) {
    const nothing = {
      sent: false,
      committing: false,
      committedBefore: false,
      inTransaction: false,
    };
    return classifyError(error, nothing);
  }
}

/** Nearly always it is open: then no promise is put around that of the statement. */
function useOpened<T>(
  connection: BotConnection,
  use: (connection: BotConnection) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  return connection.isOpen ? use(connection) : openAndUse(connection, use);
}

async function openAndUse<T>(
  connection: BotConnection,
  use: (connection: BotConnection) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  return (await tryOpen(connection)) ?? (await use(connection));
}
