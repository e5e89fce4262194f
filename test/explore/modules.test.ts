import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { counterexampleHtml } from "../../src/explore/counterexample/counterexample-html.ts";
import { isolationSpec } from "../../src/explore/counterexample/isolation-spec.ts";
import type { Exploration } from "../../src/explore/explore-strategy.ts";
import { hasChanged } from "../../src/explore/counterexample/recorded-claimer.ts";
import { replay } from "../../src/explore/replay.ts";
import { brokenIn, fixture, ModuleBench, smallest, take } from "./module-bench.ts";
import type { QueueText } from "./module-bench.ts";

let bench: ModuleBench;
let naive: Exploration;

beforeAll(async () => {
  bench = await ModuleBench.open();
  naive = await bench.explore({ file: fixture("postgres-naive") });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

describe("a queue in a module", () => {
  it("that looks first is broken by an order, shown and carried out again", async () => {
    expect(naive).toMatchObject({ verdict: "violated", declared: null });
    expect(brokenIn(naive)).toContain("single-grant");
    const counterexample = smallest(naive);
    expect(counterexample).toMatchObject({ bots: 2, preemptions: 1, left: [] });
    expect(counterexample.steps.map(({ bot, name }) => `${bot} ${name}`)).toContain(
      "1 select tickets",
    );
    expect(counterexampleHtml(counterexample)).not.toContain("The jobs at the end");
    const { divergence, again } = await replay(counterexample, {
      ...bench.database,
      stepMs: 10_000,
    });
    expect(divergence).toBeNull();
    expect(again).toEqual(counterexample);
    expect(hasChanged(counterexample)).toBe(false);
  });

  it("that locks what it looks at is proved", async () => {
    const exploration = await bench.explore({ file: fixture("postgres-safe") });
    expect(exploration, exploration.reason).toMatchObject({ verdict: "passed" });
    expect(exploration.guarantees).toEqual([{ kind: "every-interleaving" }]);
  });

  it("is told what pg tells: types, counts, arrays, errors with their constraint", async () => {
    const file = bench.queue({
      opening: `await pool.query("CREATE TABLE seen (job int UNIQUE)");`,
      claim: `const client = await pool.connect();
        try {
          const { rows: [row], rowCount, fields, command } = await client.query(
            "SELECT 5::bigint AS big, 2 AS small, true AS yes, NULL AS nothing, now() AS at, $1::jsonb AS doc, $2::int[] AS list, $3::bytea AS bytes",
            [{ a: [1] }, [1, null], Buffer.from("é")]);
          const right = row.big === "5" && row.small === 2 && row.yes === true && row.nothing === null && row.at instanceof Date
            && row.doc.a[0] === 1 && row.list[1] === null && row.bytes.toString() === "é" && rowCount === 1 && command === "SELECT"
            && fields[0].name === "big" && fields[0].dataTypeID === 20;
          if (!right) throw new Error(JSON.stringify(row));
          const asArray = await client.query({ text: "SELECT 1, 'x'", rowMode: "array" });
          if (asArray.rows[0][1] !== "x") throw new Error("rowMode");
          await client.query("BEGIN; -- a comment");
          await client.query({ name: "note", text: "INSERT INTO seen VALUES ($1)", values: [bot] });
          await client.query("SAVEPOINT s");
          try { await client.query({ name: "note", text: "INSERT INTO seen VALUES ($1)", values: [bot] }); throw new Error("no error"); }
          catch (error) { if (error.code !== "23505" || error.constraint !== "seen_job_key" || error.table !== "seen") throw error; }
          await client.query("ROLLBACK TO SAVEPOINT s");
          await client.query("COMMIT");
          const counted = await new Promise((resolve, reject) => client.query("SELECT count(*)::int AS n FROM seen WHERE job = $1", [bot], (error, result) => error ? reject(error) : resolve(result)));
          return counted.rows[0].n === 1 ? { job: bot, attempt: 1 } : null;
        } finally { client.release(); }`,
    });
    const exploration = await bench.explore({ file, bots: 1, jobs: 1 });
    expect(exploration, exploration.reason).toMatchObject({ verdict: "passed" });
  });
});

describe("the page about it", () => {
  it("shows the files as they are", () => {
    const page = readFileSync(join(packageRoot, "docs/explore.md"), "utf8");
    expect(page).toContain(readFileSync(fixture("postgres-naive"), "utf8"));
    const [, parts = ""] = /passes over rows[\s\S]*?```js\n([\s\S]*?)```/.exec(page) ?? [];
    const safe = readFileSync(fixture("postgres-safe"), "utf8");
    expect(parts).not.toBe("");
    for (const part of parts.split("    …\n")) expect(safe).toContain(part);
  });
});

describe("what is recorded of a module", () => {
  it("is written for isolationtester, with what its set-up sent", async () => {
    const spec = isolationSpec(smallest(naive));
    expect(spec).toContain("CREATE TABLE IF NOT EXISTS tickets");
    expect(spec).toContain(
      "INSERT INTO tickets (state) SELECT 'free' FROM generate_series(1, 3) RETURNING id;",
    );
    expect(spec).toContain('permutation "1 select tickets" "2a begin" "2 update tickets"');
  });

  it("is not carried out from its text, and says that its file has changed", async () => {
    const file = bench.write(readFileSync(fixture("postgres-naive"), "utf8"));
    const strategy = { ...smallest(naive).strategy, reference: file };
    const counterexample = { ...smallest(naive), strategy };
    expect(hasChanged(counterexample)).toBe(false);
    writeFileSync(file, readFileSync(fixture("postgres-safe"), "utf8"));
    expect(hasChanged(counterexample)).toBe(true);
    rmSync(file);
    const again = replay(counterexample, { ...bench.database, stepMs: 10_000 });
    await expect(again).rejects.toThrow("there is no such file");
  });
});

describe("a module that leaves something open", () => {
  it.each([
    [
      "its connection",
      "const client = await pool.connect(); const { rows } = await client.query('SELECT id AS job FROM tickets ORDER BY id LIMIT 1 OFFSET $1', [bot - 1]); return rows;",
      "is not released",
    ],
    [
      "its transaction",
      `const client = await pool.connect();
       try { await client.query("BEGIN"); const { rows } = await client.query("SELECT id AS job FROM tickets ORDER BY id LIMIT 1 OFFSET $1 FOR UPDATE", [bot - 1]); return rows; }
       finally { client.release(); }`,
      "transaction is still open",
    ],
  ])("leaves %s", async (_what, claim, how) => {
    const exploration = await bench.explore({ file: bench.queue({ claim }), shrinkMs: 0 });
    expect(brokenIn(exploration)).toEqual(["nothing-left-open"]);
    expect(smallest(exploration).broken[0]?.how).toContain(how);
  });
});

const pg = pathToFileURL(join(packageRoot, "node_modules/pg/esm/index.mjs")).href;

describe("a module that cannot be explored", () => {
  it.each<[string, QueueText, RegExp]>([
    [
      "opens connections of its own",
      {
        before: `import { Pool } from "${pg}";`,
        context: "{ pool, databaseUrl }",
        opening: "const own = new Pool({ connectionString: databaseUrl });",
        claim: take.replace("pool.query", "own.query"),
        more: "close: () => own.end(),",
      },
      /by a connection of its own/,
    ],
    [
      "keeps its jobs in memory",
      { claim: "return { job: bot, attempt: 1 };" },
      /grants jobs without a statement/,
    ],
    [
      "asks for a second connection while it holds one",
      {
        claim: `const client = await pool.connect(); try { await client.query("BEGIN"); ${take} } finally { await client.query("COMMIT"); client.release(); }`,
      },
      /calls pool\.query\(\) while it holds a connection/,
    ],
  ])("%s", async (_what, text, message) => {
    await expect(bench.explore({ file: bench.queue(text) })).rejects.toThrow(message);
  });

  it.each([
    ["is not there", "nowhere.mjs", "there is no such file"],
    ["has no default export", "export const x = 1;", "it has no default export to open"],
    ["opens to nothing", "export default async () => undefined;", "it opens to nothing"],
    ["throws as it is loaded", "throw new Error('at once')", "cannot be opened: at once"],
    ["lacks a claim", "export default async () => ({ enqueue() {} })", "it has no claim, complete"],
  ])("%s", async (_what, text, message) => {
    const file = text.endsWith(".mjs") ? text : bench.write(text);
    await expect(async () => await bench.explore({ file })).rejects.toThrow(message);
  });

  it("is inconclusive where a call comes to no end, and leaves nothing behind", async () => {
    const file = bench.queue({
      claim: `await pool.query("SELECT id FROM tickets"); await new Promise(() => {});`,
    });
    const { verdict, reason } = await bench.explore({
      file,
      stepMs: 100,
      budgetMs: 500,
      shrinkMs: 0,
    });
    expect(verdict).toBe("inconclusive");
    expect(reason).toContain("came to no end in its own code");
    const rows = await bench.database.control.query(
      "SELECT FROM pg_stat_activity WHERE application_name LIKE $1 AND state <> 'idle'",
      [`doubletake-bot-${bench.database.control.schema}%`],
    );
    expect(rows).toEqual([]);
  });
});
