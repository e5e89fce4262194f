import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokenIn, fixture, ModuleBench, take } from "../explore/module-bench.ts";

let bench: ModuleBench;

beforeAll(async () => {
  bench = await ModuleBench.open();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

describe("a queue in a module", { timeout: 120_000 }, () => {
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
  });
});
