import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitUntil } from "../../../src/base/timer.ts";
import { startEmbeddedPostgres } from "../../../src/environment/postgres/embedded.ts";
import { withConnection } from "../../../src/environment/postgres/connection.ts";
import type { CrashablePostgres } from "../../../src/environment/postgres/embedded.ts";
import type { PostgresServer } from "../../../src/environment/postgres/postgres-server.ts";
import { startPostgres } from "../../../src/environment/postgres/postgres-servers.ts";
import { dropLeftoverSchemas } from "../../../src/environment/postgres/run-schema.ts";
import { startHost } from "../host.ts";
import { useTemporaryFolder } from "../temporary-folder.ts";

useTemporaryFolder();

/** Plays the server that is not ours. */
let server: CrashablePostgres;
let admin: Client;

beforeAll(async () => {
  server = await startEmbeddedPostgres({ server: "embedded", settings: {}, image: "" });
  admin = await connect();
  await admin.query(`
    CREATE ROLE plain LOGIN PASSWORD 'plain'; GRANT CREATE ON DATABASE postgres TO plain;
    CREATE ROLE nobody LOGIN PASSWORD 'nobody'`);
});
afterAll(async () => {
  await admin.end();
  await server.stop();
});

async function connect(): Promise<Client> {
  const client = new Client({
    ...server.address,
    password: server.address.password ?? "",
    ssl: false,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

function urlOf({
  user = "postgres",
  password = server.address.password,
  database = "postgres",
} = {}): string {
  return `postgres://${user}:${password}@127.0.0.1:${server.address.port}/${database}`;
}

async function use(url: string, settings = {}): Promise<PostgresServer> {
  return await startPostgres({ server: url, settings, image: "" });
}

async function schemas(): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'doubletake\\_%'",
  );
  return rows.map((row) => row.name);
}

test("the run has a schema of its own, and nothing is left after it", async () => {
  const existing = await use(urlOf());
  expect(existing.kind).toBe("existing");
  expect(existing.description).toBe(
    `PostgreSQL ${server.version} at 127.0.0.1:${server.address.port}/postgres`,
  );
  expect(await schemas()).toEqual([existing.schema]);
  await admin.query(`CREATE TABLE ${existing.schema}.jobs (id int)`);
  await Promise.all([existing.stop(), existing.stop()]);
  expect(await schemas()).toEqual([]);
});

test("capabilities are what the user may really do", async () => {
  await using superuser = await use(urlOf());
  expect([...superuser.capabilities]).toEqual(["terminate-backends", "decode-wal", "wal-position"]);
  await using plain = await use(urlOf({ user: "plain", password: "plain" }));
  expect([...plain.capabilities]).toEqual(["terminate-backends", "wal-position"]);
  await admin.query(
    "REVOKE EXECUTE ON FUNCTION pg_terminate_backend, pg_current_wal_lsn FROM PUBLIC",
  );
  await using restricted = await use(urlOf({ user: "plain", password: "plain" }));
  expect([...restricted.capabilities]).toEqual([]);
  await admin.query("GRANT EXECUTE ON FUNCTION pg_terminate_backend, pg_current_wal_lsn TO PUBLIC");
});

test("a schema whose run was killed is dropped by the next start; one of a live run is not", async () => {
  const killed = await startHost({ request: { kind: "postgres", server: urlOf() } });
  const live = await startHost({ request: { kind: "postgres", server: urlOf() } });
  const [killedSchema, liveSchema] = [String(killed.said["schema"]), String(live.said["schema"])];
  await killed.kill("SIGKILL");
  // The server notices the end of a connection when it reads from it, a moment later.
  const isDropped = async (): Promise<boolean> => {
    await using next = await use(urlOf());
    const names = await schemas();
    expect(names).toContain(liveSchema);
    expect(names).toContain(next.schema);
    return !names.includes(killedSchema);
  };
  expect(await waitUntil(isDropped, { ms: 10_000, everyMs: 20 })).toBe(true);
  await live.kill("SIGKILL");
  const isClean = async (): Promise<boolean> => {
    await dropLeftoverSchemas(server.address);
    return (await schemas()).length === 0;
  };
  expect(await waitUntil(isClean, { ms: 10_000, everyMs: 20 })).toBe(true);
});

test("a schema that only looks like ours is left alone", async () => {
  await admin.query("CREATE SCHEMA doubletake_0123456789ab");
  expect(await dropLeftoverSchemas(server.address)).toEqual([]);
  await admin.query("DROP SCHEMA doubletake_0123456789ab");
});

test("a run whose server restarted is still no leftover", async () => {
  const existing = await use(urlOf());
  await server.restart();
  await admin.end();
  admin = await connect();
  const isLocked = async (): Promise<boolean> => {
    const { rows } = await admin.query(
      "SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted",
    );
    return rows.length === 1;
  };
  expect(await waitUntil(isLocked, { ms: 10_000, everyMs: 20 })).toBe(true);
  expect(await dropLeftoverSchemas(server.address)).toEqual([]);
  await existing.stop();
  expect(await schemas()).toEqual([]);
});

test("a connection that a fault left behind with a lock does not keep the schema", async () => {
  const existing = await use(urlOf());
  await admin.query(`CREATE TABLE ${existing.schema}.jobs (id int)`);
  const bot = await connect();
  await bot.query(`SET application_name = 'doubletake-bot'; BEGIN; LOCK ${existing.schema}.jobs`);
  await existing.stop();
  expect(await schemas()).toEqual([]);
  await bot.end();
});

/** By the server in its data folder, so that the key is its own; false on a machine without openssl. */
async function makeCertificate(): Promise<boolean> {
  const command = [
    "openssl req -new -x509 -days 2 -nodes -subj /CN=localhost -out server.crt -keyout server.key",
    "chmod 600 server.key",
  ].join(" && ");
  return await admin.query(`COPY (SELECT) TO PROGRAM '${command}'`).then(
    () => true,
    () => false,
  );
}

test("TLS is used where the URL asks for it, and refused where it cannot be had", async ({
  skip,
}) => {
  await expect(use(`${urlOf()}?sslmode=require`)).rejects.toThrow(/encrypted connection/);
  if (!(await makeCertificate())) skip("openssl is not here to make a certificate");
  await admin.query("ALTER SYSTEM SET ssl = on");
  await admin.query("SELECT pg_reload_conf()");
  const isOn = async (): Promise<boolean> =>
    await use(`${urlOf()}?sslmode=require`).then(
      async (existing) => {
        const { rows } = await withConnection(existing.address, (client) =>
          client.query<{ ssl: boolean }>(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
          ),
        );
        await existing.stop();
        return rows[0]?.ssl === true;
      },
      () => false,
    );
  expect(await waitUntil(isOn, { ms: 10_000, everyMs: 20 })).toBe(true);
  // Nobody vouches for this certificate.
  await expect(use(`${urlOf()}?sslmode=verify-full`)).rejects.toThrow(/encrypted connection/);
});

test.each([
  ["a wrong password", { password: "wrong" }, /does not accept the password/],
  ["an unknown database", { database: "nowhere" }, /no database of that name/],
  ["no right to make a schema", { user: "nobody", password: "nobody" }, /may not create a schema/],
])("%s is one clear message without the password", async (_name, login, message) => {
  const started = use(urlOf(login));
  await expect(started).rejects.toMatchObject({ kind: "environment", hint: expect.any(String) });
  await expect(started).rejects.toThrow(message);
  await expect(started).rejects.not.toThrow(server.address.password ?? "");
  await expect(started).rejects.not.toThrow(/:(wrong|nobody)@/);
});

test("a server that is not there is one clear message", async () => {
  const started = use("postgres://me:secret@127.0.0.1:1/x");
  await expect(started).rejects.toThrow("postgres://me@127.0.0.1:1/x: nothing listens there");
});

test("a server that accepts and never answers is given up", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  await expect(use(`postgres://me@127.0.0.1:${port}/x`)).rejects.toThrow(/did not answer within/);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test("a standby, which cannot be written, is one clear message", async () => {
  await admin.query("ALTER ROLE plain SET default_transaction_read_only = on");
  await expect(use(urlOf({ user: "plain", password: "plain" }))).rejects.toThrow(/read-only/);
  await admin.query("ALTER ROLE plain RESET default_transaction_read_only");
});

test("settings of a server that is not ours are refused", async () => {
  await expect(use(urlOf(), { fsync: "off" })).rejects.toMatchObject({ kind: "usage" });
});

test("a name that is no server is bad usage", async () => {
  await expect(use("embeded")).rejects.toThrow(/there is no PostgreSQL called "embeded"/);
  await expect(use("constructor")).rejects.toMatchObject({ kind: "usage" });
});
