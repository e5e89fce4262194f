import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { databaseUrl } from "../../src/environment/postgres/database-url.ts";
import type { Exploration } from "../../src/explore/explore-strategy.ts";
import { Workplace } from "../end-to-end/command.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

const place = new Workplace();
let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  place[Symbol.dispose]();
  await database[Symbol.asyncDispose]();
});

/**
 * All that an exploration counts, but for how long it took, and for its outcomes: whether a client learns at once that its
 * connection is gone, or only from its next question, is chance, and is part of what it was told.
 */
function countsOf(stdout: string): unknown {
  const { explorations } = JSON.parse(stdout) as { explorations: Exploration[] };
  return explorations.map(({ strategy, verdict, guarantees, properties, schedules, crashes }) => {
    const { complete, broken, stuck, steps } = schedules;
    const led = crashes?.classes.toSorted((one, other) => one.name.localeCompare(other.name));
    const counts = { complete, broken, stuck, steps };
    return {
      strategy,
      verdict,
      guarantees,
      properties,
      counts,
      crashes: { ...crashes, classes: led },
    };
  });
}

/** Sessions with their locks, and schemas, of commands on the shared server: those of tests have other names. */
async function leftOnServer(): Promise<readonly unknown[]> {
  return await database.control.query(
    `SELECT application_name AS name, state FROM pg_stat_activity
      WHERE application_name LIKE 'doubletake%' AND application_name !~ '-(test_[0-9a-f]+|public)(-|$)'
     UNION ALL SELECT nspname, 'schema' FROM pg_namespace WHERE nspname ~ '^doubletake_[0-9a-f]{12}$'`,
  );
}

describe("an exploration with crashes that is interrupted", { timeout: 600_000 }, () => {
  it.each([
    ["SIGINT", 130, "a server that is there"],
    ["SIGTERM", 143, "a server that is there"],
    ["SIGINT", 130, "embedded"],
  ] as const)("by %s ends with %i, on %s, and is gone on with", async (signal, code, server) => {
    const isThere = server !== "embedded";
    const postgres = isThere ? databaseUrl(inject("postgres"), "public").split("?")[0] : server;
    const out = join(place.path, `${signal}-${isThere ? "there" : "embedded"}`);
    const args = ["--postgres", String(postgres), "--out", out];
    const what = ["explore", "skip-locked,single-update", "--crash", "--crash-at", "statements"];
    const running = place.start(...what, ...args);
    // The second one is under way, and a second at least from its end: what is done of the first is kept as well.
    await running.shows("exploring single-update");
    running.child.kill(signal);
    const { exitCode, stderr } = await running.ended;
    expect(exitCode, stderr).toBe(code);
    const saved = join(out, "interrupted.json");
    expect(stderr).toContain(`to go on: doubletake explore --resume ${saved}`);
    expect(existsSync(saved)).toBe(true);
    expect(await leftOnServer()).toEqual([]);
    expect(place.leftovers()).toEqual([]);
    const resumed = await place.run("explore", "--resume", saved, ...args, "--json");
    const whole = await place.run(...what, ...args, "--json");
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(countsOf(resumed.stdout)).toEqual(countsOf(whole.stdout));
    expect(await leftOnServer()).toEqual([]);
    expect(place.leftovers()).toEqual([]);
  });
});
