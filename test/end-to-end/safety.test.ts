import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { startEmbeddedPostgres } from "../../src/environment/postgres/embedded.ts";
import type { CrashablePostgres } from "../../src/environment/postgres/embedded.ts";
import { startToxiproxy } from "../../src/environment/toxiproxy/toxiproxy-servers.ts";
import type { ToxiproxyServer } from "../../src/environment/toxiproxy/toxiproxy-server.ts";
import { processesWith } from "../environment/processes.ts";
import { needsRoot } from "../setup/machine.ts";
import { Workplace } from "./command.ts";
import type { RunningCommand } from "./command.ts";

/** They play servers that are not the run's own. */
let postgres: CrashablePostgres;
let toxiproxy: ToxiproxyServer;
let admin: Client;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ server: "embedded", settings: {}, image: "" });
  toxiproxy = await startToxiproxy({ server: "embedded", image: "", seed: 1 });
  const { address } = postgres;
  admin = new Client({ ...address, password: address.password ?? "", ssl: false });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await toxiproxy.stop();
  await postgres.stop();
});

const scenario = (jobs: number): string => `name: safety
description: What is left behind?
strategies: { subjects: [skip-locked], controls: [naive] }
jobs: { count: ${jobs}, work: 2ms }
bots: { count: 5 }
load: { kind: drain }
faults:
  - { fault: toxic, link: postgres, type: latency, attributes: { latency: 2 } }
  - { fault: generic-plans, mode: force_generic_plan }
  - { fault: foreign-key-insert, rows: 2, after: 5 claims }
`;

function servers(): string[] {
  const { user, password, host, port, database } = postgres.address;
  const url = `postgres://${user}:${password}@${host}:${port}/${database}?disposable=true`;
  return ["--postgres", url, "--toxiproxy", toxiproxy.url];
}

/** What a run has on servers that are not its own. */
async function traces(): Promise<Readonly<Record<string, number>>> {
  const { rows } = await admin.query<Record<string, number>>(`
    SELECT (SELECT count(*) FROM pg_namespace WHERE nspname ~ '^doubletake_')::int AS schemas,
           (SELECT count(*) FROM pg_replication_slots)::int AS slots,
           (SELECT count(*) FROM pg_file_settings WHERE name = 'plan_cache_mode')::int AS settings,
           (SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^doubletake')::int AS sessions`);
  const proxies: unknown = await (await fetch(`${toxiproxy.url}/proxies`)).json();
  return { ...rows[0], proxies: Object.keys(proxies as object).length };
}

const nothing = { schemas: 0, slots: 0, settings: 0, sessions: 0, proxies: 0 };

/** Starts a run; resolves when its faults stand. */
async function startWithFaults(place: Workplace): Promise<RunningCommand> {
  const file = join(place.path, "safety.yaml");
  writeFileSync(file, scenario(10_000));
  const command = place.start("run", file, ...servers());
  await command.shows("  load");
  const stands = async (): Promise<boolean> => {
    const { rows } = await admin.query(
      "SELECT FROM pg_stat_activity WHERE application_name ~ '^doubletake-fault' AND state = 'idle in transaction'",
    );
    return rows.length > 0 && (await traces())["settings"] === 1;
  };
  expect(await waitUntil(stands, { ms: 30_000, everyMs: 50 })).toBe(true);
  return command;
}

describe("on servers that are not the run's own, with faults standing", () => {
  it("SIGKILL leaves what the next start removes: schema, slot, setting, proxies, processes", async () => {
    using place = new Workplace();
    const command = await startWithFaults(place);
    command.child.kill("SIGKILL");
    await command.ended;
    const left = await traces();
    expect(left).toMatchObject({ schemas: 1, slots: 1, settings: 1 });
    expect(left["proxies"]).toBeGreaterThan(0);
    // The server notices the end of the connections, and with them of the run, when it reads from them.
    const isUnnoticed = async (): Promise<boolean> => (await traces())["sessions"] === 0;
    await waitUntil(isUnnoticed, { ms: 20_000, everyMs: 50 });

    const file = join(place.path, "next.yaml");
    writeFileSync(file, scenario(60));
    const next = await place.run("run", file, ...servers());
    expect(next.exitCode, next.stdout + next.stderr).toBe(0);
    expect(await traces()).toEqual(nothing);
    expect(place.leftovers()).toEqual([]);
    expect(processesWith(place.path)).toEqual([]);
  });

  it("SIGTERM leaves nothing", async () => {
    using place = new Workplace();
    const command = await startWithFaults(place);
    command.child.kill("SIGTERM");
    const result = await command.ended;
    expect(result.exitCode, result.stderr).toBe(143);
    expect(await traces()).toEqual(nothing);
    expect(processesWith(place.path)).toEqual([]);
  });

  it.runIf(needsRoot("a full disk under the history of a run"))(
    "a disk that is full while the run is recorded ends it at once, with one clear message",
    async () => {
      using place = new Workplace();
      mkdirSync(place.reports);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "doubletake-test", place.reports]);
      try {
        const file = join(place.path, "safety.yaml");
        writeFileSync(file, scenario(10_000));
        const result = await place.run("run", file, ...servers());
        expect(result.exitCode, result.stderr).toBe(69);
        // At once, and not when the round is over: by far not every job is done.
        expect(result.stderr).toContain("stopping the run");
        const granted = /verify: ([\d,]+) granted/.exec(result.stderr)?.[1] ?? "0";
        expect(Number(granted.replaceAll(",", "")), result.stderr).toBeLessThan(10_000);
        const told = result.stderr.match(
          /the (history|witness) cannot be written: the disk is full/g,
        );
        expect(told, result.stderr).toHaveLength(1);
        expect(result.stderr).toContain("--out DIR");
        expect(result.stderr).not.toMatch(/\n\s+at /);
        expect(await traces()).toEqual(nothing);
      } finally {
        execFileSync("umount", [place.reports]);
      }
      expect(readFileSync("/proc/mounts", "utf8")).not.toContain(place.reports);
    },
  );
});
