import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { runResultSchema } from "../../src/report/result.ts";
import { Workplace } from "./command.ts";
import type { RunningCommand } from "./command.ts";

/** Half a minute of load, so that there is time to interrupt it. */
const longScenario = `name: long
description: Is what was recorded kept?
strategies: { subjects: [skip-locked], controls: [naive] }
jobs: { count: 10000, work: 20ms }
bots: { count: 5 }
load: { kind: drain }
faults:
  - { fault: toxic, link: postgres, type: latency, attributes: { latency: 2 } }
  - { fault: kill-connection, state: mid-transaction, every: 200ms }
`;

/** Starts the long scenario; resolves when claims have been granted and recorded on disk. */
async function startLong(place: Workplace): Promise<RunningCommand> {
  const file = join(place.path, "long.yaml");
  writeFileSync(file, longScenario);
  const command = place.start("run", file);
  await command.shows("  load");
  const hasClaims = (): boolean => {
    const [folder] = existsSync(place.reports) ? readdirSync(place.reports) : [];
    if (folder === undefined) return false;
    const history = readFileSync(join(place.reports, folder, "history.ndjson"), "utf8");
    return /"op":"claim","type":"ok"/.test(history);
  };
  expect(await waitUntil(hasClaims, { ms: 20_000, everyMs: 20 })).toBe(true);
  return command;
}

describe("a run that is interrupted", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s heals, drains, reports, cleans up and exits %i", async (signal, exitCode) => {
    using place = new Workplace();
    const command = await startLong(place);
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
    const command = await startLong(place);
    command.child.kill("SIGKILL");
    await command.ended;
    const gone = await waitUntil(() => place.leftovers().length === 0, { ms: 20_000, everyMs: 50 });
    expect(gone, `left: ${place.leftovers().join(", ")}`).toBe(true);
    const [folder] = readdirSync(place.reports);
    const judged = await place.run("check", join(place.reports, folder ?? ""), "--json");
    const result = runResultSchema.parse(JSON.parse(judged.stdout));
    expect(result.interrupted).toBe(true);
    expect(result.strategies.some(({ claims }) => claims.granted > 0)).toBe(true);
    expect(judged.exitCode).not.toBe(0);
  });
});
