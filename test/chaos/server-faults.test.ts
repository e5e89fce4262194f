import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Span } from "../../src/base/span.ts";
import { connectionSlots } from "../../src/chaos/connection-slots.ts";
import type { Fault, FaultContext } from "../../src/chaos/fault.ts";
import { failover } from "../../src/chaos/failover.ts";
import { genericPlans } from "../../src/chaos/generic-plans.ts";
import { lazyCommit } from "../../src/chaos/lazy-commit.ts";
import { readOnly } from "../../src/chaos/read-only.ts";
import { restart } from "../../src/chaos/restart.ts";
import { openConnection } from "../../src/environment/postgres/connection.ts";
import type { PostgresServer } from "../../src/environment/postgres/postgres-server.ts";
import { startPostgres } from "../../src/environment/postgres/postgres-servers.ts";
import type { Link, ToxiproxyServer } from "../../src/environment/toxiproxy/toxiproxy-server.ts";
import { startToxiproxy } from "../../src/environment/toxiproxy/toxiproxy-servers.ts";
import { LoadTally } from "../../src/run/load-tally.ts";
import { ControlDatabase } from "../../src/service/control-database.ts";
import { application } from "./bot-at-work.ts";
import { faultContext } from "./fault-context.ts";

/** A server of their own: these faults hurt everybody on it. */
let server: PostgresServer;
let proxy: ToxiproxyServer;
let replication: Link;
let control: ControlDatabase;

beforeAll(async () => {
  server = await startPostgres({
    server: "embedded",
    settings: { max_connections: "25" },
    image: "",
  });
  proxy = await startToxiproxy({ server: "embedded", image: "", seed: 1 });
  const { host, port } = server.address;
  replication = await proxy.createLink({ name: "replication", upstream: { host, port } });
  control = new ControlDatabase(server.address, server.schema);
  await control.query("CREATE TABLE kept (n int)");
});
afterAll(async () => {
  await control[Symbol.asyncDispose]();
  await proxy.stop();
  await server.stop();
});

interface Watched {
  readonly context: FaultContext;
  readonly tally: LoadTally;
  /** Connections that were lost so far; the test adds to it. */
  lost: number;
}

function watched(signal?: AbortSignal): Watched {
  const tally = new LoadTally();
  const state = { tally, lost: 0 };
  const context = faultContext({
    control,
    server,
    application,
    told: tally,
    link: () => replication,
    connectionsLost: () => state.lost,
    ...(signal === undefined ? {} : { signal }),
  });
  return Object.assign(state, { context });
}

/** A bot's connection that counts its own loss and comes back, and is told why it cannot. */
async function bot(state: Watched): Promise<AsyncDisposable> {
  const closing = new AbortController();
  let client = await openConnection(server.address, `${application}1`);
  const onEnd = (): void => {
    if (closing.signal.aborted) return;
    state.lost++;
    void comeBack();
  };
  const comeBack = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        client = await openConnection(server.address, `${application}1`);
        client.once("end", onEnd);
        return;
      } catch (error) {
        const { code = "" } = (error as { cause?: { code?: string } }).cause ?? {};
        state.tally.observe({ op: "connection", type: "info", bot: 1, code });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  client.once("end", onEnd);
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await client.end().catch(() => undefined);
    },
  };
}

const setting = async (name: string): Promise<string> => {
  const client = await openConnection(server.address);
  try {
    const { rows } = await client.query<{ value: string }>("SELECT current_setting($1) AS value", [
      name,
    ]);
    return rows[0]?.value ?? "";
  } finally {
    await client.end();
  }
};

interface SettingFault {
  readonly create: (context: FaultContext) => Fault;
  readonly name: string;
  readonly broken: string;
  readonly whole: string;
}

const settings: readonly [string, SettingFault][] = [
  [
    "read-only",
    {
      create: (context) => readOnly.create({}, context),
      name: "default_transaction_read_only",
      broken: "on",
      whole: "off",
    },
  ],
  [
    "lazy-commit",
    {
      create: (context) => lazyCommit.create({}, context),
      name: "synchronous_commit",
      broken: "off",
      whole: "on",
    },
  ],
  [
    "generic-plans",
    {
      create: (context) => genericPlans.create({ mode: "force_generic_plan" }, context),
      name: "plan_cache_mode",
      broken: "force_generic_plan",
      whole: "auto",
    },
  ],
];

describe.each(settings)("%s", (_name, { create, name, broken, whole }) => {
  it("is a setting of the server until it is healed, also when the load was ended meanwhile", async () => {
    using span = new Span();
    const fault = create(watched(span.signal).context);
    const injecting = fault.inject();
    span.end();
    await injecting;
    expect(await setting(name)).toBe(broken);
    await fault.heal();
    await fault.heal();
    expect(await setting(name)).toBe(whole);
  });

  it("has hit nothing where no bot was told anything", async () => {
    const fault = create(watched().context);
    await fault.inject();
    expect(await fault.witnessed?.()).toEqual([]);
    await fault.heal();
  });
});

it("read-only counts the operations that were refused", async () => {
  const { context, tally } = watched();
  const fault = readOnly.create({}, context);
  await fault.inject();
  const client = await openConnection(server.address);
  const refused = client.query("CREATE TABLE doubletake.never (n int)");
  await expect(refused).rejects.toMatchObject({ code: "25006" });
  await client.end();
  tally.observe({ op: "claim", type: "failed", bot: 1, code: "25006" });
  expect(await fault.witnessed?.()).toEqual([{ aim: "1 operations refused with 25006" }]);
  await fault.heal();
});

describe("connection-slots", () => {
  it("leaves no connection to anybody, and gives them back", async () => {
    const state = watched();
    await using _bot = await bot(state);
    const fault = connectionSlots.create({ evict: 1 }, state.context);
    await fault.inject();
    const refused = openConnection(server.address);
    await expect(refused).rejects.toThrow("no connection left");
    expect(await fault.witnessed?.()).toHaveLength(1);
    expect(await control.query("SELECT 1 AS harness")).toHaveLength(1);
    await fault.heal();
    await fault.heal();
    expect(await setting("max_connections")).toBe("25");
  });
});

describe("restart", () => {
  const startedAt = async (): Promise<number> => {
    const [row] = await control.query(
      "SELECT extract(epoch FROM pg_postmaster_start_time()) AS at",
    );
    return Number(row?.["at"]);
  };

  it("crashes the server and recovers what was committed, on the same port", async () => {
    const state = watched();
    await using _bot = await bot(state);
    await control.query("INSERT INTO kept VALUES (1)");
    const before = await startedAt();
    expect(await restart.create({ down: 0 }, state.context).inject()).toMatchObject({
      outcome: "hit",
    });
    expect(await startedAt()).toBeGreaterThan(before);
    expect(await control.query("SELECT n FROM kept")).toEqual([{ n: 1 }]);
  });

  it("interrupted while the server is down, is made good by heal", async () => {
    const { context } = watched();
    const fault = restart.create({ down: 0 }, context);
    await (server as unknown as { crash(): Promise<void> }).crash();
    await fault.heal();
    await fault.heal();
    expect(await control.query("SELECT n FROM kept")).toEqual([{ n: 1 }]);
  });
});

describe("failover", () => {
  const count = async (): Promise<number> => (await control.query("SELECT FROM kept")).length;
  const failing = (state: Watched, synchronous: boolean): Fault =>
    failover.create({ link: "replication", synchronous, cut: 50 }, state.context);

  it("asynchronous: what was acknowledged after the cut is gone, and the standby serves at the same address", async () => {
    const state = watched();
    const fault = failing(state, false);
    await fault.prepare?.();
    const before = await count();
    const injecting = fault.inject();
    await expect.poll(async () => (await proxyOf("replication")).enabled).toBe(false);
    await control.query("INSERT INTO kept VALUES (2)");
    state.tally.observe({ op: "claim", type: "ok", bot: 1, job: 1 });
    expect(await injecting).toMatchObject({ outcome: "hit" });
    expect(await count()).toBe(before);
    await fault.heal();
    await fault.heal();
    await control.query("INSERT INTO kept VALUES (3)");
  });

  it("synchronous: nothing is acknowledged that the standby lacks", async () => {
    const state = watched();
    const fault = failing(state, true);
    await fault.prepare?.();
    await control.query("INSERT INTO kept VALUES (4)");
    const before = await count();
    const injecting = fault.inject();
    await expect.poll(async () => (await proxyOf("replication")).enabled).toBe(false);
    const waiting = control.query("INSERT INTO kept VALUES (5)");
    await expect(waiting).rejects.toThrow(/terminat|ECONNRESET|closed/);
    await injecting;
    expect(await count()).toBe(before);
    await fault.heal();
    expect(await setting("synchronous_standby_names")).toBe("");
  });

  it("prepared and never injected, leaves no standby and no waiting commits behind", async () => {
    const fault = failing(watched(), true);
    await fault.prepare?.();
    expect(await setting("synchronous_standby_names")).not.toBe("");
    await fault.heal();
    expect(await setting("synchronous_standby_names")).toBe("");
    const streaming = (): Promise<readonly unknown[]> =>
      control.query("SELECT FROM pg_stat_replication");
    await expect.poll(async () => (await streaming()).length).toBe(0);
  });

  const proxyOf = async (name: string): Promise<{ readonly enabled: boolean }> => {
    const response = await fetch(`${proxy.url}/proxies/${name}`);
    return (await response.json()) as { readonly enabled: boolean };
  };
});
