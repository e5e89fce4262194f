import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { runResultSchema } from "../../src/report/result.ts";
import { Workplace } from "./command.ts";

const args = ["run", "scenarios/chaos-monkey.yaml"];

describe("a run that is interrupted", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s heals, drains, reports, cleans up and exits %i", async (signal, exitCode) => {
    using place = new Workplace();
    const command = place.start(...args);
    await command.shows("  load");
    command.child.kill(signal);
    const result = await command.ended;
    expect(result.exitCode, result.stderr).toBe(exitCode);
    expect(place.leftovers()).toEqual([]);
    const judged = await place.run("check", join(place.reports, "latest"), "--json");
    expect(runResultSchema.parse(JSON.parse(judged.stdout))).toMatchObject({ interrupted: true });
    expect(judged.exitCode).not.toBe(0);
  });

  it("by SIGKILL keeps what it recorded, and the guard removes what it started", async () => {
    using place = new Workplace();
    const command = place.start(...args);
    await command.shows("  heal");
    command.child.kill("SIGKILL");
    await command.ended;
    const gone = await waitUntil(() => place.leftovers().length === 0, { ms: 20_000, everyMs: 50 });
    expect(gone, `left: ${place.leftovers().join(", ")}`).toBe(true);
    const [folder] = readdirSync(place.reports);
    const judged = await place.run("check", join(place.reports, folder ?? ""), "--json");
    const result = runResultSchema.parse(JSON.parse(judged.stdout));
    expect(result.interrupted).toBe(true);
    expect(result.strategies[0]?.claims.granted).toBeGreaterThan(0);
  });
});
