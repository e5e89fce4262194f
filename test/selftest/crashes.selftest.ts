import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isCrashable } from "../../src/environment/postgres/embedded.ts";
import { startPostgres } from "../../src/environment/postgres/postgres-servers.ts";
import type {
  ExploreContext,
  ExploreRequest,
  StrategyExplored,
} from "../../src/explore/explore-strategy.ts";
import { ControlDatabase } from "../../src/service/control-database.ts";
import { explore, requestOf, savedBy } from "../explore/explorations.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** Ends after so many schedules, and goes on from what was saved. */
async function exploredInTwo(
  request: ExploreRequest,
  context: Omit<ExploreContext, "signal">,
  endsAfter: number,
): Promise<StrategyExplored> {
  const first = await explore(request, context, { endsAfter });
  expect(first.exploration.verdict).toBe("inconclusive");
  return await explore({ ...request, saved: savedBy(first) }, context);
}

describe("one crash among the orders of two bots", { timeout: 600_000 }, () => {
  it("breaks none of them where claim and recovery are right, also when it goes on after Ctrl-C", async () => {
    const { exploration } = await exploredInTwo(
      requestOf("skip-locked", { crashes: true }),
      database,
      100,
    );
    const { verdict, reason, guarantees, crashes } = exploration;
    expect(verdict, reason).toBe("passed");
    expect(crashes).toMatchObject({ missed: 0 });
    const shown = { kind: "crash-points", statements: 2, crashes: 8, most: null };
    expect(guarantees).toEqual([shown]);
  });
});

describe(
  "a crash at every message of the protocol, and of the whole server",
  { timeout: 900_000 },
  () => {
    it.each([
      [
        "for-update",
        [
          "client: failed, server: nothing",
          "client: ok, server: claimed",
          "client: unknown, server: claimed",
          "client: unknown, server: nothing",
        ],
      ],
      [
        "skip-locked",
        [
          "client: ok, server: claimed",
          "client: unknown, server: claimed",
          "client: unknown, server: nothing",
        ],
      ],
    ])("reaches every class of %s, and breaks none", async (reference, classes) => {
      await using postgres = await startPostgres({
        server: "embedded",
        settings: {},
        image: "postgres:18",
        signal: new AbortController().signal,
      });
      if (!isCrashable(postgres)) throw new Error("the embedded server cannot be crashed");
      await using control = new ControlDatabase(postgres.address, postgres.schema);
      const context = { address: postgres.address, control, server: postgres };
      const { exploration } = await exploredInTwo(
        requestOf(reference, { bots: 1, crashes: true }),
        context,
        60,
      );
      const { verdict, reason, guarantees, crashes } = exploration;
      expect(verdict, reason).toBe("passed");
      expect(crashes).toMatchObject({ missed: 0, missing: [], hasServerCrashes: true });
      expect(crashes?.classes.map(({ name }) => name).toSorted()).toEqual(classes);
      expect(crashes?.done).toBe(crashes?.wanted);
      const messages = crashes?.messages ?? 0;
      // Four ways at each message, and one crash of the server for each class beside the halves.
      expect(crashes?.wanted).toBeGreaterThan(4 * messages + classes.length);
      expect(guarantees).toMatchObject([
        { kind: "crash-points", messages, crashes: crashes?.done },
      ]);
    });
  },
);
