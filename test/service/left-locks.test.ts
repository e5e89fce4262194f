import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { botApplication } from "../../src/service/bot-sessions.ts";
import { inspectLocks } from "../../src/service/left-locks.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openDatabase();
  await fillTables(database.control, { bots: 1, jobs: 1 });
});
afterAll(() => database[Symbol.asyncDispose]());

async function session(name: string): Promise<Client> {
  const { address, control } = database;
  const options = `-c search_path=${control.schema}`;
  const client = new Client({ ...address, ssl: false, application_name: name, options });
  await client.connect();
  return client;
}

async function prepare(client: Client, name: string, statement: string): Promise<void> {
  await client.query("BEGIN");
  await client.query(statement);
  await client.query(`PREPARE TRANSACTION '${name}'`);
}

describe("locks that are left", () => {
  it("are told of the bots' sessions, and of nobody else's", async () => {
    const bot = `${botApplication}-${database.control.schema}-7`;
    const [ours, other] = await Promise.all([session(bot), session("somebody else")]);
    try {
      for (const client of [ours, other]) {
        await client.query("SELECT pg_advisory_lock(0, pg_backend_pid())");
        await client.query("BEGIN");
        await client.query("SELECT 1 FROM jobs");
      }
      const found = await inspectLocks(database.control);
      expect(found.rows).toMatchObject([
        { kind: "advisory lock", holder: bot },
        { kind: "idle in transaction", holder: bot, held: "SELECT 1 FROM jobs" },
      ]);
      expect(found.count).toBe(2);
    } finally {
      await Promise.all([ours.end(), other.end()]);
    }
  });

  it("are transactions that were prepared and touched our tables, whose session is long gone", async () => {
    const { schema } = database.control;
    const [ours, others] = [`ours ${schema}`, `others ${schema}`];
    const left = await session("whoever it was");
    await prepare(left, ours, "UPDATE bots SET current_job_id = NULL");
    await prepare(left, others, "LOCK TABLE pg_catalog.pg_description IN ACCESS SHARE MODE");
    await left.end();
    try {
      const found = await inspectLocks(database.control);
      expect(found.rows).toEqual([
        {
          kind: "prepared transaction",
          holder: ours,
          held: expect.stringMatching(/^transaction \d+$/),
        },
      ]);
      expect(found.count).toBe(1);
    } finally {
      const outside = await session("who cleans up");
      for (const name of [ours, others]) await outside.query(`ROLLBACK PREPARED '${name}'`);
      await outside.end();
    }
  });

  it("are none once the session is over", async () => {
    expect(await inspectLocks(database.control)).toEqual({ what: "locks", count: 0, rows: [] });
  });
});
