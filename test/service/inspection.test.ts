import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { probeConstraints, readConstraints } from "../../src/service/constraints.ts";
import {
  inspectAgreement,
  inspectFinal,
  inspectVerification,
} from "../../src/service/inspection.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const unconstrained = { bots: 3, jobs: 3, constraints: false };

describe("inspection", () => {
  it("finds nothing wrong with new tables", async () => {
    await fillTables(database.control, { bots: 3, jobs: 3 });
    expect(await inspectAgreement(database.control)).toEqual({
      what: "agreement",
      count: 0,
      rows: [],
    });
    const { queries } = await inspectVerification(database.control);
    expect(queries.map(({ count }) => count)).toEqual([0, 0, 0, 0]);
  });

  it.each([
    ["held-jobs-without-a-bot", "UPDATE jobs SET status = 'claimed', claimed_by = 1 WHERE id = 2"],
    ["bots-without-a-held-job", "UPDATE bots SET current_job_id = 2 WHERE id = 1"],
    ["jobs-with-several-bots", "UPDATE bots SET current_job_id = 2"],
    ["impossible-job-states", "UPDATE jobs SET status = 'claimed' WHERE id = 2"],
  ])("%s is found", async (name, damage) => {
    await fillTables(database.control, unconstrained);
    await database.control.query(damage);
    const { queries } = await inspectVerification(database.control);
    const found = queries.find((query) => query.name === name);
    expect(found?.count).toBeGreaterThan(0);
    expect(found?.rows[0]).toHaveProperty("problem");
  });

  it("passes over bots that a fault has put there", async () => {
    await fillTables(database.control, unconstrained);
    await database.control.query(
      "INSERT INTO bots (id, name, current_job_id) VALUES (-1, 'gone', 1)",
    );
    expect((await inspectAgreement(database.control)).count).toBe(0);
  });

  it("tells the final state in ranges, and what effects are repeated, missing or wrong", async () => {
    await fillTables(database.control, { bots: 1, jobs: 6, constraints: false });
    await database.control.query("UPDATE jobs SET status = 'succeeded' WHERE id IN (1, 2, 4, 5)");
    await database.control.query(
      `INSERT INTO effects (job_id, attempt, bot_id, value)
       SELECT id, 1, 1, a + b FROM jobs WHERE id IN (1, 2) UNION ALL
       SELECT id, 2, 1, a + b FROM jobs WHERE id = 2 UNION ALL
       SELECT id, 1, 1, a + b + 1 FROM jobs WHERE id = 5`,
    );
    expect(await inspectFinal(database.control)).toEqual({
      what: "final",
      jobs: [
        {
          status: "pending",
          ids: [
            [3, 3],
            [6, 6],
          ],
        },
        {
          status: "succeeded",
          ids: [
            [1, 2],
            [4, 5],
          ],
        },
      ],
      effects: {
        total: 4,
        repeated: [{ job: 2, times: 2 }],
        repeatedCount: 1,
        missing: [4, 5],
        missingCount: 2,
      },
    });
  });
});

describe("constraints", () => {
  it("are present and refuse what breaks them, each with its SQLSTATE", async () => {
    await fillTables(database.control, { bots: 3, jobs: 3 });
    const { constraints } = await probeConstraints(database.control);
    expect(constraints).toHaveLength(readConstraints().length);
    for (const { present, rejectedWith, expected } of constraints) {
      expect({ present, rejectedWith }).toEqual({ present: true, rejectedWith: expected });
    }
  });

  it("are told absent where they are, and the row that breaks them accepted", async () => {
    await fillTables(database.control, unconstrained);
    const { constraints } = await probeConstraints(database.control);
    expect(
      constraints.every(({ present, rejectedWith }) => !present && rejectedWith === null),
    ).toBe(true);
  });

  it("that stand in the catalog and are not validated do not count as present", async () => {
    await fillTables(database.control, unconstrained);
    const [first] = readConstraints();
    await database.control.query(first?.sql.replace(";", " NOT VALID;") ?? "");
    const { constraints } = await probeConstraints(database.control);
    expect(constraints[0]?.present).toBe(false);
  });

  it("are probed without a trace", async () => {
    await fillTables(database.control, { bots: 3, jobs: 3 });
    const count = async (): Promise<unknown> =>
      (
        await database.control.query(
          "SELECT (SELECT count(*) FROM jobs) AS jobs, (SELECT count(*) FROM bots) AS bots",
        )
      )[0];
    const before = await count();
    await probeConstraints(database.control);
    expect(await count()).toEqual(before);
  });
});
