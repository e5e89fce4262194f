import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { JobListener, listenerName } from "../../src/service/job-listener.ts";
import type { JobListenerOptions } from "../../src/service/job-listener.ts";
import { isNothingLeft, tellOfJobs } from "../../src/service/job-notices.ts";
import { Lifecycle } from "../../src/service/lifecycle.ts";
import { enqueue } from "../../src/service/tables.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;
let listener: JobListener | undefined;
let told: string[];

beforeEach(async () => {
  database = await openDatabase();
  await fillTables(database.control, { bots: 1, jobs: 1, constraints: false });
  await tellOfJobs(database.control);
  told = [];
});
afterEach(async () => {
  await listener?.[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function make(more: Partial<JobListenerOptions> = {}): JobListener {
  const { address, control } = database;
  listener = new JobListener({
    address,
    schema: control.schema,
    place: 1,
    connectMs: 20_000,
    isPooled: false,
    reconnect: true,
    random: seededRandom(1),
    notified: () => void told.push("a call"),
    reopened: () => void told.push("back"),
    onEvent: (event) => void told.push(event),
    ...more,
  });
  return listener;
}

async function listen(more: Partial<JobListenerOptions> = {}): Promise<void> {
  expect(await make(more).listen(new AbortController().signal)).toBe(true);
}

const last = "the last";

/**
 * How many notices an act sends. A second client says so: notices of a channel come in the order of their commits, so it has
 * seen all of them when it sees the one that the test sends after the act. The listener must have been told of each.
 */
async function calls(act: () => Promise<unknown>): Promise<number> {
  told.length = 0;
  const { address, control } = database;
  const client = new Client({
    ...address,
    password: address.password ?? "",
    ssl: address.ssl ?? false,
  });
  await client.connect();
  try {
    const seen: (string | undefined)[] = [];
    client.on("notification", ({ payload }) => void seen.push(payload));
    await client.query(`LISTEN "${control.schema}"`);
    await act();
    await control.query("SELECT pg_notify(current_schema(), $1)", [last]);
    await expect.poll(() => seen, { timeout: 20_000 }).toContain(last);
    const heard = (): number => told.filter((event) => event === "a call").length;
    await expect.poll(heard, { timeout: 20_000 }).toBe(seen.length);
    return seen.length - 1;
  } finally {
    await client.end();
  }
}

const terminate = (): Promise<unknown> =>
  database.control.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
    [listenerName(database.control.schema, 1)],
  );

describe("a listener", () => {
  it("is told of jobs that are added and of those that come back, and not of what else happens to them", async () => {
    await listen();
    const { control } = database;
    const to = (status: string) => () =>
      control.query(`UPDATE jobs SET status = '${status}', claimed_by = NULL`);
    expect(await calls(() => enqueue(control, new Lifecycle(), 3))).toBe(1);
    expect(await calls(to("dead"))).toBe(0);
    // All rows of one transaction come as one notice.
    expect(await calls(to("pending"))).toBe(1);
    expect(await calls(to("pending"))).toBe(0);
  });

  it("is not told of jobs whose transaction was rolled back", async () => {
    await listen();
    const undone = () =>
      database.control.withConnection(async (client) => {
        await client.query("BEGIN; INSERT INTO jobs (a, b) VALUES (1, 2)");
      });
    expect(await calls(undone)).toBe(0);
  });

  it("comes back after its backend has died, says so, and is told again", async () => {
    await listen();
    await terminate();
    await expect.poll(() => told, { timeout: 20_000 }).toContain("back");
    expect(told).toEqual(["opened", "lost", "opened", "back"]);
    expect(await calls(() => enqueue(database.control, new Lifecycle(), 1))).toBe(1);
  });

  it("stays lost where it does not reconnect, also when it is asked to listen once more", async () => {
    await listen({ reconnect: false });
    await terminate();
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(["opened", "lost"]);
    await listener?.listen(new AbortController().signal);
    // Waits for whatever it may be at.
    await listener?.[Symbol.asyncDispose]();
    expect(told).toEqual(["opened", "lost"]);
  });

  it("tries again and again, until its signal aborts", async () => {
    const trying = new AbortController();
    const refused = make({
      address: { ...database.address, port: 1 },
      onEvent: (event) => {
        if (told.push(event) === 3) trying.abort();
      },
    });
    expect(await refused.listen(trying.signal)).toBe(false);
    expect(new Set(told)).toEqual(new Set(["refused"]));
  });
});

it("nothing is left once every job is done, dead or gone", async () => {
  const { control } = database;
  const states: boolean[] = [];
  for (const status of ["pending", "claimed", "processing", "succeeded", "failed", "dead"]) {
    await control.query(`UPDATE jobs SET status = '${status}'`);
    states.push(await isNothingLeft(control));
  }
  await control.query("DELETE FROM jobs");
  states.push(await isNothingLeft(control));
  expect(states).toEqual([false, false, false, true, true, true, true]);
});
