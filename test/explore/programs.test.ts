import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import type { Actor, Program } from "../../src/explore/programs.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { walkAll } from "./theatres.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** A service's own code, as it might stand in a file of somebody who never heard of schedules. */
function claimByHand(find: string, mark: string): Program {
  const run = async ({ bot: { id }, connection, record }: Actor): Promise<void> => {
    record({ op: "claim", type: "invoke", bot: id });
    await connection.query({ text: "BEGIN" });
    const found = await connection.query({ name: "find", text: find });
    const job = found.rows[0]?.[0];
    const marked =
      job === undefined
        ? found
        : await connection.query({ name: "mark", text: mark, values: [id, job] });
    await connection.query({ text: marked.rowCount === 0 ? "ROLLBACK" : "COMMIT" });
    if (marked.rowCount === 0) record({ op: "claim", type: "empty", bot: id });
    else record({ op: "claim", type: "ok", bot: id, job: Number(job) });
  };
  return { summary: "by hand", run };
}

const find = "SELECT id FROM jobs WHERE status = 'pending' ORDER BY id LIMIT 1";
const mark =
  "UPDATE jobs SET status = 'claimed', claimed_by = $1, attempt = attempt + 1 WHERE id = $2";

async function brokenBy(program: Program, jobs = 3): Promise<readonly string[]> {
  const { tally, tree } = await walkAll(database, { strategy: "skip-locked", program, jobs });
  expect(tree.isDone).toBe(true);
  const broken = tally.byProperty().filter(({ brokenIn }) => brokenIn > 0);
  return broken.map(({ property }) => property);
}

describe("a program of one's own", () => {
  it("is explored as it stands, and its race found", async () => {
    expect(await brokenBy(claimByHand(find, mark))).toContain("single-grant");
    expect(await brokenBy(claimByHand(`${find} FOR UPDATE`, mark))).not.toContain("single-grant");
  });

  it("that takes locks in two orders is seen to be ended by the server, and may try again", async () => {
    const crossed: Program = {
      summary: "each locks its own job first, then the other's",
      run: async ({ bot: { id }, connection }) => {
        const lock = (job: number) =>
          connection.query({
            name: "lock",
            text: "SELECT id FROM jobs WHERE id = $1 FOR UPDATE",
            values: [job],
          });
        await connection.query({ text: "BEGIN" });
        try {
          await lock(id);
          await lock(3 - id);
          await connection.query({ text: "COMMIT" });
        } catch {
          await connection.query({ text: "ROLLBACK" });
        }
      },
    };
    const { tally, tree } = await walkAll(database, { strategy: "skip-locked", program: crossed });
    expect(tree.isDone).toBe(true);
    expect(tally.counts.deadlocked).toBeGreaterThan(0);
    expect(tally.counts.stuck).toBe(0);
  });

  it("that leaves somebody waiting for ever breaks a property of its own", async () => {
    const forgetful: Program = {
      summary: "takes a session's lock and never gives it back",
      run: async ({ connection }) => {
        await connection.query({ text: "SELECT pg_advisory_lock(4711)" });
      },
    };
    expect(await brokenBy(forgetful)).toEqual(["no-wait-for-ever"]);
  });
});

describe("the programs that come with it", () => {
  it("carry a job out without a fault where claim and settle are right", async () => {
    const { tally, tree } = await walkAll(database, {
      strategy: "skip-locked",
      program: "lifecycle",
      bots: 1,
    });
    expect(tree.isDone).toBe(true);
    expect(tally.counts.broken).toBe(0);
    const judged = tally.byProperty().map(({ property }) => property);
    expect(judged).toEqual(expect.arrayContaining(["single-grant", "effect-once", "nothing-lost"]));
  });

  it("let a rescue come between, and find a settle that does not ask who holds the job", async () => {
    const right = await walkAll(database, {
      strategy: "skip-locked",
      program: "rescue",
      bots: 1,
      jobs: 1,
    });
    expect(right.tally.counts.broken).toBe(0);
    expect(right.tally.counts.outcomes).toBeGreaterThan(1);
    for (const strategy of ["skip-locked+complete-unfenced", "visibility-timeout"]) {
      const until = "fenced-settle";
      const play = { strategy, program: "rescue", jobs: 1, extent: 2, until } as const;
      const { tally } = await walkAll(database, play);
      expect(tally.counterexampleOf(until)?.steps.length).toBeGreaterThan(0);
    }
  });
});

describe("a strategy that brings tables of its own", () => {
  it("is explored on them, and its race found", async () => {
    const strategy = join(packageRoot, "test/service/own-tables/work-items-naive.sql");
    const { tally, tree } = await walkAll(database, { strategy });
    expect(tree.isDone).toBe(true);
    expect(tally.counterexampleOf("single-grant")?.steps.length).toBeGreaterThan(0);
  });
});
