import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { BotConnection } from "../../src/service/bot-connection.ts";
import { runClaim } from "../../src/service/claim-run.ts";
import { Lifecycle } from "../../src/service/lifecycle.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

const lifecycle = new Lifecycle();
const bot = 1;
const claim = { job: 1, attempt: 1 };
let database: TestDatabase;
let connection: BotConnection;

beforeAll(async () => {
  database = await openDatabase();
  const { address, control } = database;
  connection = new BotConnection(
    {
      address,
      schema: control.schema,
      name: "doubletake-bot-test",
      statementMs: 5000,
      onEvent: () => undefined,
    },
    { statements: 0, roundTrips: 0 },
  );
  await connection.open();
});
afterAll(async () => {
  await connection.close();
  await database[Symbol.asyncDispose]();
});
beforeEach(() => fillTables(database.control, { bots: 2, jobs: 1 }));

const operations = {
  claim: () =>
    runClaim(connection, loadStrategy("skip-locked"), { bot_id: bot, lease: "1 minute", limit: 1 }),
  start: () => lifecycle.start(connection, bot, claim),
  heartbeat: () => lifecycle.heartbeat(connection, { bot, claim }, "1 minute"),
  complete: () => lifecycle.settle(connection, { bot, claim }, { kind: "complete", result: 8 }),
  fail: () => lifecycle.settle(connection, { bot, claim }, { kind: "fail", error: "no luck" }),
  rescue: () => lifecycle.rescue(database.control),
  redrive: () => lifecycle.redrive(database.control, { attempts: 1 }),
};
type Operation = keyof typeof operations;

const holding =
  "claimed_by = 1, attempt = 1, lease_until = clock_timestamp() - interval '1 second'";

/** The statuses of a job, as the constraints let them stand; leases have run out, so that they can be rescued. */
const placed: Record<string, string> = {
  pending: "status = 'pending'",
  claimed: `status = 'claimed', ${holding}`,
  processing: `status = 'processing', ${holding}`,
  succeeded: "status = 'succeeded', attempt = 1, finished_at = clock_timestamp()",
  failed: "status = 'failed', attempt = 1, finished_at = clock_timestamp()",
  dead: "status = 'dead', attempt = 1, finished_at = clock_timestamp()",
};

/** The arrows of the diagram in docs/job-lifecycle.md: "claimed --> dead: fail, no attempt left". */
function drawn(): string[] {
  const text = readFileSync(join(packageRoot, "docs", "job-lifecycle.md"), "utf8");
  const diagram = /```mermaid\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  const arrows = diagram.split("\n").map((line) => line.trim());
  return arrows.filter((line) => line.includes("-->")).toSorted();
}

async function place(status: string): Promise<void> {
  const { control } = database;
  await control.query(`UPDATE jobs SET ${placed[status]} WHERE id = 1`);
  const isHeld = status === "claimed" || status === "processing";
  if (isHeld) await control.query("UPDATE bots SET current_job_id = 1 WHERE id = 1");
}

async function statusNow(): Promise<unknown> {
  const rows = await database.control.query("SELECT status FROM jobs WHERE id = 1");
  return rows[0]?.["status"];
}

/** What an operation makes of a job; undefined where it is refused, and then the job is as it was. */
async function moved(from: string, operation: Operation, maxAttempts: number) {
  await database.control.query("TRUNCATE jobs, bots, effects RESTART IDENTITY");
  await database.control.query("INSERT INTO bots (id, name) VALUES (1, 'bot 1')");
  await database.control.query("INSERT INTO jobs (a, b, max_attempts) VALUES (1, 7, $1)", [
    maxAttempts,
  ]);
  await place(from);
  const outcome = await operations[operation]();
  const to = String(await statusNow());
  if (outcome.kind === "ok") return to;
  expect([operation, outcome.kind, to]).toEqual([operation, "empty", from]);
  return undefined;
}

async function arrowsFrom(from: string, operation: Operation): Promise<string[]> {
  const to = await moved(from, operation, 5);
  const last = await moved(from, operation, 1);
  const arrow = (state: string | undefined, when: string): string[] =>
    state === undefined ? [] : [`${from} --> ${state}: ${operation}${when}`];
  return to === last ? arrow(to, "") : [...arrow(to, ""), ...arrow(last, ", no attempt left")];
}

describe("the life of a job", () => {
  it("is as the diagram draws it: every statement from every state, on a real server", async () => {
    const arrows = ["[*] --> pending: enqueue"];
    for (const from of Object.keys(placed)) {
      for (const operation of Object.keys(operations) as Operation[]) {
        arrows.push(...(await arrowsFrom(from, operation)));
      }
    }
    expect(arrows.toSorted()).toEqual(drawn());
  });

  it("ends in dead when the last attempt fails", async () => {
    await place("processing");
    await database.control.query("UPDATE jobs SET max_attempts = 1");
    expect((await operations.fail()).kind).toBe("ok");
    expect(await statusNow()).toBe("dead");
  });

  it("is fenced: a bot with an old attempt starts and settles nothing", async () => {
    await place("processing");
    await database.control.query("UPDATE jobs SET attempt = 2");
    for (const operation of ["start", "complete", "fail"] as const) {
      expect((await operations[operation]()).kind).toBe("empty");
      expect(await statusNow()).toBe("processing");
    }
  });

  it("is not fenced for a bot that does not know its attempt", async () => {
    await place("processing");
    await database.control.query("UPDATE jobs SET attempt = 2");
    const unfenced = { bot, claim: { job: 1, attempt: null } };
    const outcome = await lifecycle.settle(connection, unfenced, { kind: "complete", result: 8 });
    expect(outcome.kind).toBe("ok");
  });

  it("has its effect once, with the settle that made it succeed", async () => {
    await place("processing");
    await operations.complete();
    await operations.complete();
    const rows = await database.control.query("SELECT job_id, attempt, bot_id, value FROM effects");
    expect(rows).toEqual([{ job_id: "1", attempt: 1, bot_id: "1", value: 8 }]);
  });

  it("frees the bot when it is settled, and when it turns out to be another's", async () => {
    for (const operation of ["complete", "fail", "start"] as const) {
      await fillTables(database.control, { bots: 2, jobs: 1 });
      await place("processing");
      if (operation === "start") await database.control.query("UPDATE jobs SET claimed_by = 2");
      await operations[operation]();
      const rows = await database.control.query("SELECT current_job_id FROM bots WHERE id = 1");
      expect(rows[0]?.["current_job_id"]).toBeNull();
    }
  });

  it("leaves a bot its pointer that is refused under an old attempt, and holds the job under a new one", async () => {
    for (const operation of ["complete", "fail", "start", "heartbeat"] as const) {
      await fillTables(database.control, { bots: 2, jobs: 1 });
      await place("processing");
      await database.control.query("UPDATE jobs SET attempt = attempt + 1");
      expect(await operations[operation]()).toEqual({ kind: "empty" });
      const rows = await database.control.query("SELECT current_job_id FROM bots WHERE id = 1");
      expect({ operation, job: rows[0]?.["current_job_id"] }).toEqual({ operation, job: "1" });
    }
  });

  it("is told to a bot that asks what it holds", async () => {
    expect(await lifecycle.resume(connection, bot)).toEqual({ kind: "empty" });
    await place("processing");
    const held = await lifecycle.resume(connection, bot);
    expect(held).toEqual({
      kind: "ok",
      value: [{ job: 1, attempt: 1, a: 1, b: 7, status: "processing" }],
    });
  });
});
