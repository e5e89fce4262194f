import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { BotConnection } from "../../src/service/bot-connection.ts";
import { Lifecycle } from "../../src/service/lifecycle.ts";
import { lifecycleVariant, lifecycleVariantNames } from "../../src/service/lifecycle-file.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

const lifecycle = new Lifecycle();
const lease = "1 minute";
let database: TestDatabase;
let connection: BotConnection;

beforeAll(async () => {
  database = await openDatabase();
  connection = await connect();
});
afterAll(async () => {
  await connection.close();
  await database[Symbol.asyncDispose]();
});
beforeEach(() => fillTables(database.control, { bots: 3, jobs: 4 }));

async function connect(): Promise<BotConnection> {
  const { address, control } = database;
  const name = "doubletake-bot-lifecycle";
  const options = { address, schema: control.schema, name, statementMs: 5000 };
  const opened = new BotConnection(
    { ...options, onEvent: () => undefined },
    { statements: 0, roundTrips: 0 },
  );
  await opened.open();
  return opened;
}

/** Gives jobs to bot 1, all under attempt 2; the lease ends so many seconds from now. */
async function give(jobs: readonly number[], seconds: number): Promise<void> {
  await database.control.query(
    `UPDATE jobs SET status = 'processing', claimed_by = 1, attempt = 2,
       claimed_at = clock_timestamp(), lease_until = clock_timestamp() + $2 * interval '1 second'
     WHERE id = ANY ($1)`,
    [jobs, seconds],
  );
  await database.control.query("UPDATE bots SET current_job_id = $1 WHERE id = 1", [jobs[0]]);
}

async function job(id: number): Promise<Readonly<Record<string, unknown>>> {
  const [row] = await database.control.query(
    `SELECT *, lease_until > clock_timestamp() AS is_leased, run_at > clock_timestamp() AS is_waiting,
            extract(epoch FROM run_at - clock_timestamp())::float8 AS waits_s FROM jobs WHERE id = $1`,
    [id],
  );
  return row ?? {};
}

async function pointer(): Promise<unknown> {
  const [row] = await database.control.query("SELECT current_job_id FROM bots WHERE id = 1");
  return row?.["current_job_id"];
}

const holder = { bot: 1, claim: { job: 1, attempt: 2 } };
const strangers = {
  "another bot": { bot: 2, claim: { job: 1, attempt: 2 } },
  "an earlier attempt": { bot: 1, claim: { job: 1, attempt: 1 } },
  "an attempt that is yet to come": { bot: 1, claim: { job: 1, attempt: 3 } },
};

describe("a heartbeat", () => {
  it("lets the lease of its claim run anew", async () => {
    await give([1], 1);
    expect(await lifecycle.heartbeat(connection, holder, lease)).toEqual({
      kind: "ok",
      value: null,
    });
    const [row] = await database.control.query(
      "SELECT lease_until > clock_timestamp() + interval '30 seconds' AS is_longer FROM jobs WHERE id = 1",
    );
    expect(row).toEqual({ is_longer: true });
    expect(await pointer()).toBe("1");
  });

  it("revives a lease that has run out, as long as nobody has taken the job", async () => {
    await give([1], -1);
    expect((await lifecycle.heartbeat(connection, holder, lease)).kind).toBe("ok");
    expect(await job(1)).toMatchObject({ is_leased: true });
    expect(await lifecycle.rescue(database.control)).toEqual({ kind: "empty" });
  });

  it("is refused once the job was rescued, and frees the bot", async () => {
    await give([1], -1);
    await lifecycle.rescue(database.control);
    expect(await lifecycle.heartbeat(connection, holder, lease)).toEqual({ kind: "empty" });
    expect(await pointer()).toBeNull();
  });
});

describe("fenced: nobody but the holder", () => {
  for (const [who, stranger] of Object.entries(strangers)) {
    it(`${who} does not renew, complete or fail it`, async () => {
      await give([1], 60);
      const before = await job(1);
      const outcomes = [
        await lifecycle.heartbeat(connection, stranger, lease),
        await lifecycle.settle(connection, stranger, { kind: "complete", result: 8 }),
        await lifecycle.settle(connection, stranger, { kind: "fail", error: "no luck" }),
      ];
      expect(outcomes).toEqual([{ kind: "empty" }, { kind: "empty" }, { kind: "empty" }]);
      expect((await job(1))["version"]).toBe(before["version"]);
      expect(await database.control.query("SELECT FROM effects")).toEqual([]);
    });
  }

  it("settles twice in vain", async () => {
    await give([1], 60);
    const settlement = { kind: "complete", result: 8 } as const;
    expect((await lifecycle.settle(connection, holder, settlement)).kind).toBe("ok");
    expect((await lifecycle.settle(connection, holder, settlement)).kind).toBe("empty");
    const failing = { kind: "fail", error: "late" } as const;
    expect((await lifecycle.settle(connection, holder, failing)).kind).toBe("empty");
    expect(await job(1)).toMatchObject({ status: "succeeded", last_error: null });
  });
});

describe("a rescue", () => {
  it("takes what has expired and nothing else, and frees the bots that point there", async () => {
    await give([3], 60);
    await give([1, 2], -1);
    expect(await lifecycle.rescue(database.control)).toEqual({
      kind: "ok",
      value: [
        { job: 1, attempt: 2, bot: 1 },
        { job: 2, attempt: 2, bot: 1 },
      ],
    });
    expect(await pointer()).toBeNull();
    expect(await job(1)).toMatchObject({ status: "pending", claimed_by: null, attempt: 2 });
    expect(await job(3)).toMatchObject({ status: "processing", claimed_by: "1" });
    expect(await lifecycle.rescue(database.control)).toEqual({ kind: "empty" });
  });

  it("leaves a bot that points at another job where it is", async () => {
    await give([1], -1);
    await give([3], 60);
    await lifecycle.rescue(database.control);
    expect(await pointer()).toBe("3");
  });

  it("makes a job dead whose attempts are spent", async () => {
    await give([1], -1);
    await database.control.query("UPDATE jobs SET max_attempts = 2");
    expect(await lifecycle.rescue(database.control)).toEqual({
      kind: "ok",
      value: [{ job: 1, attempt: 2, bot: 1, isDead: true }],
    });
    expect(await job(1)).toMatchObject({ status: "dead", last_error: "the lease ran out" });
  });

  it("passes over a job that is being completed, and finds it done afterwards", async () => {
    await give([1, 2], -1);
    await database.control.withConnection(async (client) => {
      await client.query("BEGIN");
      await client.query("SELECT FROM jobs WHERE id = 1 FOR UPDATE");
      const rescued = await lifecycle.rescue(database.control);
      expect(rescued).toEqual({ kind: "ok", value: [{ job: 2, attempt: 2, bot: 1 }] });
      await client.query("ROLLBACK");
    });
    await lifecycle.settle(connection, holder, { kind: "complete", result: 8 });
    expect(await lifecycle.rescue(database.control)).toEqual({ kind: "empty" });
  });

  it("of a crashed bot's job lets another do it, and refuses the first when it comes back", async () => {
    await give([1], -1);
    await lifecycle.rescue(database.control);
    await database.control.query(
      `UPDATE jobs SET status = 'processing', claimed_by = 2, attempt = 3,
         lease_until = clock_timestamp() + interval '1 minute' WHERE id = 1`,
    );
    const settlement = { kind: "complete", result: 8 } as const;
    expect((await lifecycle.settle(connection, holder, settlement)).kind).toBe("empty");
    const other = { bot: 2, claim: { job: 1, attempt: 3 } };
    expect((await lifecycle.settle(connection, other, settlement)).kind).toBe("ok");
    const effects = await database.control.query("SELECT bot_id, attempt FROM effects");
    expect(effects).toEqual([{ bot_id: "2", attempt: 3 }]);
  });
});

describe("a failed job", () => {
  const backoff = { base: "10 seconds", cap: "25 seconds", jitter: 0, random: 0 };
  const failWith = (values: object, attempt: number) =>
    lifecycle.settle(
      connection,
      { bot: 1, claim: { job: 1, attempt } },
      { kind: "fail", error: "no luck", ...backoff, ...values },
    );

  for (const [attempt, values, waitS] of [
    [1, {}, 10],
    [2, {}, 20],
    [3, {}, 25],
    [2, { jitter: 0.5, random: 0 }, 20],
    [2, { jitter: 0.5, random: 0.5 }, 15],
    [2, { jitter: 1, random: 0.75 }, 5],
  ] as const) {
    it(`after attempt ${attempt} waits ${waitS} s with ${JSON.stringify(values)}`, async () => {
      await give([1], 60);
      await database.control.query("UPDATE jobs SET attempt = $1 WHERE id = 1", [attempt]);
      const outcome = await failWith(values, attempt);
      expect(outcome).toMatchObject({ kind: "ok", value: { status: "pending" } });
      const failed = await job(1);
      expect(failed).toMatchObject({ status: "pending", is_waiting: true, last_error: "no luck" });
      // It has waited a moment already.
      expect(Number(failed["waits_s"])).toBeLessThanOrEqual(waitS);
      expect(Number(failed["waits_s"])).toBeGreaterThan(waitS - 4);
    });
  }

  it("does not grow beyond all bounds", async () => {
    await give([1], 60);
    await database.control.query("UPDATE jobs SET attempt = 900, max_attempts = 1000");
    expect((await failWith({}, 900)).kind).toBe("ok");
    expect(Number((await job(1))["waits_s"])).toBeLessThanOrEqual(25);
  });

  it("is dead after its last attempt, can be looked at, and lives again when it is redriven", async () => {
    await give([1], 60);
    await database.control.query("UPDATE jobs SET max_attempts = 2");
    expect(await failWith({}, 2)).toEqual({ kind: "ok", value: { status: "dead" } });
    const letter = { job: 1, attempt: 2, type: "default", error: "no luck" };
    expect(await lifecycle.deadLetters(database.control)).toEqual([letter]);
    const redriven = await lifecycle.redrive(database.control, { attempts: 3 });
    expect(redriven).toEqual({ kind: "ok", value: [1] });
    expect(await job(1)).toMatchObject({ status: "pending", attempt: 2, max_attempts: 5 });
    expect(await job(1)).toMatchObject({ is_waiting: false, finished_at: null });
    expect(await lifecycle.redrive(database.control, { attempts: 3 })).toEqual({ kind: "empty" });
  });

  it("is redriven only if it is named", async () => {
    await database.control.query(
      "UPDATE jobs SET status = 'dead', finished_at = clock_timestamp() WHERE id < 4",
    );
    const jobs = { attempts: 1, jobs: [2, 4] };
    expect(await lifecycle.redrive(database.control, jobs)).toEqual({ kind: "ok", value: [2] });
    expect(await lifecycle.deadLetters(database.control)).toHaveLength(2);
  });
});

describe("whether more is to come", () => {
  const isMore = async (): Promise<unknown> => {
    const { text, values } = lifecycle.statement("more-to-come", { grace: "1 minute" });
    return (await database.control.query(text, values))[0]?.["is_more"];
  };

  it("is so while a retry waits, or a lease has yet to run out or to be rescued", async () => {
    expect(await isMore()).toBe(false);
    await give([1], 60);
    expect(await isMore()).toBe(true);
    await give([1], -30);
    expect(await isMore()).toBe(true);
    await give([1], -90);
    expect(await isMore()).toBe(false);
    await database.control.query(
      "UPDATE jobs SET run_at = clock_timestamp() + interval '1 hour' WHERE id = 2",
    );
    expect(await isMore()).toBe(true);
  });
});

it("a bot is told all that it holds", async () => {
  await give([2, 3], 60);
  const held = await lifecycle.resume(connection, 1);
  const jobs = held.kind === "ok" ? held.value.map((each) => each.job) : [];
  expect(new Set(jobs)).toEqual(new Set([2, 3]));
  expect(["2", "3"]).toContain(await pointer());
});

describe("a statement that is wrong on purpose", () => {
  const wrong = (name: string) => {
    const { replaces, steps } = lifecycleVariant(name);
    return new Lifecycle({ [replaces]: steps });
  };
  const former = { bot: 2, claim: { job: 1, attempt: 1 } };

  for (const name of lifecycleVariantNames()) {
    it(`${name} says what it is and what it breaks`, () => {
      const variant = lifecycleVariant(name);
      expect(variant.summary).not.toBe("");
      expect(variant.breaks).toMatch(/^[a-z-]+$/);
      const strategy = loadStrategy(`skip-locked+${name}`);
      expect(strategy).toMatchObject({ name: `skip-locked+${name}`, verdict: "unsafe" });
      expect(strategy.breaks).toEqual([variant.breaks]);
    });
  }

  it("lets a former holder renew, complete and fail what another holds", async () => {
    const completes = { kind: "complete", result: 8 } as const;
    const fails = { kind: "fail", error: "late" } as const;
    type Settle = (bad: Lifecycle, own: BotConnection) => Promise<{ readonly kind: string }>;
    const accepted: Readonly<Record<string, Settle>> = {
      "heartbeat-unfenced": (bad, own) => bad.heartbeat(own, former, lease),
      "complete-unfenced": (bad, own) => bad.settle(own, former, completes),
      "complete-by-id": (bad, own) => bad.settle(own, former, completes),
      "fail-unfenced": (bad, own) => bad.settle(own, former, fails),
    };
    for (const [name, settle] of Object.entries(accepted)) {
      await fillTables(database.control, { bots: 3, jobs: 1 });
      await give([1], 60);
      const own = await connect();
      expect((await settle(wrong(name), own)).kind).toBe("ok");
      await own.close();
    }
  });

  it("rescues a job that was completed while it decided", async () => {
    await give([1], -1);
    const rescuing = wrong("rescue-unguarded").rescue(database.control);
    const deciding = async (): Promise<boolean> => {
      const found = await database.control.query(
        `SELECT FROM pg_stat_activity
          WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' AND application_name = $1`,
        [`doubletake-control-${database.control.schema}`],
      );
      return found.length > 0;
    };
    expect(await waitUntil(deciding, { ms: 5000, everyMs: 1 })).toBe(true);
    await lifecycle.settle(connection, holder, { kind: "complete", result: 8 });
    expect(await rescuing).toMatchObject({ kind: "ok", value: [{ job: 1 }] });
    expect(await job(1)).toMatchObject({ status: "pending" });
  });

  it("tells a bot that it holds nothing, whatever it holds", async () => {
    await give([1], 60);
    expect(await lifecycle.resume(connection, 1)).toMatchObject({ kind: "ok" });
    const own = await connect();
    expect(await wrong("resume-forgets").resume(own, 1)).toMatchObject({ kind: "empty" });
    await own.close();
  });

  it("rescues what was never started, and nothing else", async () => {
    await give([1, 2], -1);
    await database.control.query("UPDATE jobs SET status = 'claimed' WHERE id = 1");
    const rescued = await wrong("rescue-unstarted").rescue(database.control);
    expect(rescued).toMatchObject({ kind: "ok", value: [{ job: 1 }] });
    expect(await job(2)).toMatchObject({ status: "processing" });
    expect(await lifecycle.rescue(database.control)).toMatchObject({ value: [{ job: 2 }] });
  });

  it("must be known", () => {
    expect(() => loadStrategy("skip-locked+complete-twice")).toThrow(/no lifecycle statement/);
  });
});
