import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exploreWithCrashes } from "../../src/explore/crash/explore-with-crashes.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("one crash among the orders of two bots", { timeout: 600_000 }, () => {
  it("breaks none of them where claim and recovery are right", async () => {
    const request = {
      strategy: loadStrategy("skip-locked"),
      reference: "skip-locked",
      program: "claim",
      bots: 2,
      jobs: 3,
      constraints: false,
      crashes: true,
      budgetMs: 400_000,
      prunes: true,
      seed: 1,
      stepMs: 10_000,
      shrinkMs: 0,
    } as const;
    const context = { ...database, signal: new AbortController().signal };
    const { exploration } = await exploreWithCrashes(request, context);
    const { verdict, reason, guarantees, crashes } = exploration;
    expect(verdict, reason).toBe("passed");
    expect(crashes).toMatchObject({ missed: 0 });
    const shown = { kind: "crash-points", statements: 2, crashes: 8, most: null };
    expect(guarantees).toEqual([shown]);
  });
});
