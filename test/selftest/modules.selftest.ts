import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { isolationSpec } from "../../src/explore/counterexample/isolation-spec.ts";
import { isolationtester, runIsolationtester, waitsIn } from "../explore/isolationtester.ts";
import { brokenIn, fixture, ModuleBench, smallest, take } from "../explore/module-bench.ts";
import type { QueueText } from "../explore/module-bench.ts";
import { needsIsolationtester } from "../setup/machine.ts";

const pg = pathToFileURL(join(packageRoot, "node_modules/pg/esm/index.mjs")).href;

let bench: ModuleBench;

beforeAll(async () => {
  bench = await ModuleBench.open();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

describe("a queue in a module", { timeout: 120_000 }, () => {
  it("that locks what it looks at is proved, and its orders are all that there are", async () => {
    const file = fixture("postgres-safe");
    const pruned = await bench.explore({ file });
    expect(pruned).toMatchObject({
      verdict: "passed",
      guarantees: [{ kind: "every-interleaving" }],
    });
    const whole = await bench.explore({ file, prunes: false });
    expect(whole).toMatchObject({ verdict: "passed" });
    expect(whole.schedules.outcomes).toBe(pruned.schedules.outcomes);
    expect(whole.schedules.complete).toBeGreaterThan(pruned.schedules.complete);
  });

  it("tries again after an error of the server, as its code has it", async () => {
    const file = bench.queue({
      claim: `for (let attempt = 0; attempt < 3; attempt++) {
        const client = await pool.connect();
        try {
          await client.query("BEGIN ISOLATION LEVEL SERIALIZABLE");
          const { rows: [row] } = await client.query("SELECT id, attempt FROM tickets WHERE bot IS NULL ORDER BY id LIMIT 1");
          await client.query("UPDATE tickets SET bot = $1, attempt = attempt + 1 WHERE id = $2", [bot, row.id]);
          await client.query("COMMIT");
          return { job: row.id, attempt: row.attempt + 1 };
        } catch (error) {
          await client.query("ROLLBACK");
          if (error.code !== "40001") throw error;
        } finally { client.release(); }
      }
      throw Object.assign(new Error("too often"), { outcome: "failed", retryable: true });`,
    });
    const exploration = await bench.explore({ file });
    expect(exploration, exploration.reason).toMatchObject({ verdict: "passed" });
    expect(exploration.schedules.outcomes).toBeGreaterThan(0);
  });

  it("has its numbers set back before every order", async () => {
    const file = bench.queue({
      opening: `await pool.query("CREATE TABLE claims (id serial, job int)");`,
      claim: `${take.replace("return rows;", "")}
        const { rows: [claim] } = await pool.query("INSERT INTO claims (job) VALUES ($1) RETURNING id", [rows[0].job]);
        return { job: rows[0].job, attempt: rows[0].attempt, handle: claim.id };`,
    });
    const exploration = await bench.explore({ file });
    expect(exploration, exploration.reason).toMatchObject({ verdict: "passed" });
    expect(exploration.schedules).toMatchObject({ chances: 0, unmet: 0 });
  });

  it("is explored through its leases where it has a rescue", async () => {
    const rescue = `rescue: async () => {
      const { rows } = await pool.query("UPDATE tickets SET bot = NULL WHERE bot IS NOT NULL RETURNING id AS job, attempt");
      return rows;
    }`;
    const settle = (where: string): string => `complete: async (bot, { job, attempt }) => {
      const { rowCount } = await pool.query("DELETE FROM tickets WHERE id = $1 ${where}", [job]);
      return rowCount === 1;
    }`;
    const unfenced = await bench.explore({
      file: bench.queue({ claim: take, more: `${rescue}, ${settle("")}` }),
      program: "rescue",
      jobs: 1,
    });
    expect(brokenIn(unfenced)).toContain("fenced-settle");
    const without = bench.explore({ file: bench.queue({ claim: take }), program: "rescue" });
    await expect(without).rejects.toThrow("it has no rescue to explore");
  });
});

describe("a crash in a module's claim", { timeout: 120_000 }, () => {
  const crashes = { crashes: true, bots: 1, crashGrain: "statements" } as const;

  it("breaks none that asks what it holds", async () => {
    const exploration = await bench.explore({ file: fixture("postgres-safe"), ...crashes });
    expect(exploration, exploration.reason).toMatchObject({ verdict: "passed" });
    expect(exploration.crashes).toMatchObject({ missed: 0, missing: [] });
  });

  it("leaves a job to nobody where it cannot be asked, unless its lease runs out", async () => {
    const stuck = await bench.explore({ file: bench.queue({ claim: take }), ...crashes });
    expect(brokenIn(stuck)).toEqual(["nothing-stuck"]);
    const leases = `expire: async () => void (await pool.query("UPDATE tickets SET bot = -1 WHERE bot > 0")),
      rescue: async () => (await pool.query("UPDATE tickets SET bot = NULL WHERE bot = -1 RETURNING id AS job, attempt")).rows,
      complete: async (bot, { job, attempt }) => (await pool.query("UPDATE tickets SET bot = 0 WHERE id = $1 AND bot = $2 AND attempt = $3", [job, bot, attempt])).rowCount === 1`;
    const lease = leases.replace(/expire: .*,\n/, "");
    const timeless = bench.explore({ file: bench.queue({ claim: take, more: lease }), ...crashes });
    await expect(timeless).rejects.toThrow("in a schedule nobody waits for that");
    const rescued = await bench.explore({
      file: bench.queue({ claim: take, more: leases }),
      ...crashes,
    });
    expect(rescued, rescued.reason).toMatchObject({ verdict: "passed" });
    const untold = leases.replace(/rescue: .*,\n/, "");
    const silent = bench.explore({ file: bench.queue({ claim: take, more: untold }), ...crashes });
    await expect(silent).rejects.toThrow("nobody tells whose");
  });
});

describe("a module that cannot be explored", () => {
  it.each<[string, QueueText, RegExp]>([
    [
      "goes on with a connection of its set-up",
      {
        before: `import { Client } from "${pg}";`,
        context: "{ pool, controlUrl }",
        opening:
          "const own = new Client(controlUrl); own.on('error', () => undefined); await own.connect();",
        claim: take.replace("pool.query", "own.query"),
      },
      /by a connection of its own/,
    ],
    [
      "asks for two things at once",
      { claim: `await Promise.all([pool.query("SELECT 1"), pool.query("SELECT 2")]); ${take}` },
      /while a statement of the same bot is under way/,
    ],
    [
      "sends several statements in one",
      { claim: `await pool.query("SELECT 1; SELECT 2"); ${take}` },
      /several statements in one: SELECT 1; SELECT 2/,
    ],
    [
      "works in the background",
      {
        opening: "setInterval(() => pool.query('SELECT 1').catch(() => 0), 1).unref();",
        claim: take,
      },
      /belongs to no bot's call/,
    ],
    [
      "goes on when its call is over",
      {
        claim: `setTimeout(() => pool.query("SELECT 1").catch(() => 0), 5); ${take}`,
      },
      /after its calls have come to their end|while a statement of the same bot/,
    ],
    [
      "releases twice",
      {
        claim: `const client = await pool.connect(); const { rows } = await client.query("SELECT id AS job FROM tickets LIMIT 1"); client.release(); client.release(); return rows;`,
      },
      /has released already/,
    ],
    [
      "keeps a connection from its set-up",
      { opening: "const client = await pool.connect();", claim: take },
      /keeps a connection of the pool from its set-up/,
    ],
    [
      "keeps its tables elsewhere",
      {
        opening:
          "await pool.query('CREATE SCHEMA IF NOT EXISTS elsewhere_of_modules'); await pool.query('CREATE TABLE elsewhere_of_modules.jobs ()'); setImmediate(() => 0);",
        claim: take,
      },
      /elsewhere_of_modules\.jobs outside of its schema/,
    ],
    [
      "answers with what is no job",
      { claim: `await pool.query("SELECT 1"); return { job: "seven" };` },
      /claim is to resolve to \{ job, attempt\? \}/,
    ],
    [
      "cannot set up its tables",
      { claim: take, more: "reset: async () => { throw new Error('no table') }" },
      /its reset failed: no table/,
    ],
  ])("%s", async (_what, text, message) => {
    try {
      await expect(bench.explore({ file: bench.queue(text) })).rejects.toThrow(message);
    } finally {
      await bench.database.control.query("DROP SCHEMA IF EXISTS elsewhere_of_modules CASCADE");
    }
  });

  it("is inconclusive where its code goes by chance", async () => {
    const file = bench.queue({
      before: "let calls = 0;",
      claim: `if (++calls % 3 === 0) await pool.query("SELECT count(*) FROM tickets"); ${take}`,
    });
    const { verdict, reason } = await bench.explore({ file });
    expect(verdict).toBe("inconclusive");
    expect(reason).toMatch(/its code does not always do the same, told the same/);
  });

  it("ends though it catches every error and tries again", async () => {
    const file = bench.queue({
      claim: `for (;;) { try { const { rows } = await pool.query("UPDATE tickets SET bot = $1 WHERE id = 1 RETURNING id AS job", [bot]); if (rows.length === 2) return rows; } catch { /* again */ } }`,
    });
    const { verdict, reason } = await bench.explore({
      file,
      stepMs: 500,
      budgetMs: 500,
      shrinkMs: 0,
    });
    expect(verdict).toBe("inconclusive");
    expect(reason).toContain("had not ended after 300 steps");
  });
});

describe.runIf(needsIsolationtester(isolationtester !== undefined, "a module's counterexample"))(
  "PostgreSQL's own isolationtester",
  () => {
    it("gets the same answers from the exported test of a module", async () => {
      const counterexample = smallest(await bench.explore({ file: fixture("postgres-naive") }));
      const spec = isolationSpec(counterexample);
      const { stdout, status, stderr } = runIsolationtester(spec, bench.database.address);
      expect(status, stderr).toBe(0);
      expect(waitsIn(stdout)).toBe(counterexample.steps.filter((step) => step.hasWaited).length);
      const granted = [...stdout.matchAll(/^ *(\d+)\| *(\d+)$/gm)].map(([, id, attempt]) => [
        Number(id),
        Number(attempt),
      ]);
      expect(granted).toEqual([
        [1, 1],
        [1, 2],
      ]);
    });
  },
);
