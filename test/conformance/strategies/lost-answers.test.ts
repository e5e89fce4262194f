import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BotConnection } from "../../../src/service/bot-connection.ts";
import type { Statement, StatementResult } from "../../../src/service/bot-connection.ts";
import { runClaim } from "../../../src/service/claim-run.ts";
import { Lifecycle } from "../../../src/service/lifecycle.ts";
import { loadStrategy, strategyNames } from "../../../src/service/strategy.ts";
import type { Strategy } from "../../../src/service/strategy.ts";
import { enqueue, freshTables, registerBots } from "../../../src/service/tables.ts";
import { openDatabase } from "../../setup/database.ts";
import type { TestDatabase } from "../../setup/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** The server carries its last statement out, and the answer is lost on the way. */
class LosesLastAnswer extends BotConnection {
  left = 0;

  override async query(statement: Statement): Promise<StatementResult> {
    const result = await super.query(statement);
    if (--this.left !== 0) return result;
    this.abandon();
    throw Object.assign(new Error("the connection is gone"), { code: "ECONNRESET" });
  }
}

const safe = strategyNames()
  .map(loadStrategy)
  .filter(({ verdict }) => verdict === "safe");

async function connectionTo(strategy: Strategy): Promise<LosesLastAnswer> {
  const { address, control } = database;
  const name = `doubletake-bot-${control.schema}-1`;
  const options = { address, schema: control.schema, name, statementMs: 5_000 };
  const counter = { statements: 0, roundTrips: 0 };
  const connection = new LosesLastAnswer({ ...options, onEvent: () => undefined }, counter);
  await connection.open();
  connection.left = strategy.steps.length + (strategy.transaction === "none" ? 0 : 2);
  return connection;
}

describe("a claim that was committed and whose answer was lost", () => {
  it.each(safe)(
    "is unknown, is not to be tried again, and is found by asking: $name",
    async (strategy) => {
      const { control } = database;
      const lifecycle = new Lifecycle();
      await freshTables(control, { constraints: true, strategy });
      await registerBots(control, lifecycle, 1);
      await enqueue(control, lifecycle, 3);
      const connection = await connectionTo(strategy);
      const parameters = { bot_id: 1, lease: "60 seconds", limit: 1, types: null };
      const outcome = await runClaim(connection, strategy, parameters);
      expect(outcome).toMatchObject({ kind: "unknown", code: "ECONNRESET", retryable: false });
      await connection.open();
      const held = await lifecycle.resume(connection, 1);
      // The one that the table says, whichever a strategy picks.
      const [row] = await control.query("SELECT id::int AS job FROM jobs WHERE claimed_by = 1");
      expect(row).toEqual({ job: expect.any(Number) });
      expect(held).toMatchObject({
        kind: "ok",
        value: [{ ...row, attempt: 1, status: "claimed" }],
      });
      await connection.close();
    },
  );
});
