import { randomUUID } from "node:crypto";
import type { PostgresServer } from "../../src/environment/postgres/postgres-server.ts";
import { BotConnection } from "../../src/service/bot-connection.ts";
import { runClaim } from "../../src/service/claim-run.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import type { TestDatabase } from "../setup/database.ts";

/** The test's own: tests run side by side on one server, and a fault must not strike the bot of another. */
export const application = `doubletake-bot-${randomUUID().slice(0, 8)}-`;

/** A bot's connection to the test's own tables, past every proxy. */
export async function openBot(database: TestDatabase, number = 1): Promise<BotConnection> {
  const { address, control } = database;
  const name = `${application}${number}`;
  const options = { address, schema: control.schema, name, statementMs: 20_000 };
  const counter = { statements: 0, roundTrips: 0 };
  const bot = new BotConnection({ ...options, onEvent: () => undefined }, counter);
  await bot.open();
  return bot;
}

export function claimWith(
  bot: BotConnection,
  strategy: string,
  id = 1,
): ReturnType<typeof runClaim> {
  return runClaim(bot, loadStrategy(strategy), { bot_id: id, lease: "1 minute", limit: 1 });
}

/** As much of a server as a fault needs that opens a connection of its own. */
export function serverOf({ address }: TestDatabase): PostgresServer {
  return { address } as unknown as PostgresServer;
}
