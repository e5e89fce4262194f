import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { disconnect } from "../../src/chaos/disconnect.ts";
import type { FaultContext } from "../../src/chaos/fault.ts";
import { killConnection } from "../../src/chaos/kill-connection.ts";
import { startToxiproxy } from "../../src/environment/toxiproxy/toxiproxy-servers.ts";
import type { Link, ToxiproxyServer } from "../../src/environment/toxiproxy/toxiproxy-server.ts";
import { BotConnection } from "../../src/service/bot-connection.ts";
import { JobListener } from "../../src/service/job-listener.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { faultContext } from "./fault-context.ts";

/** A bot and a listener behind one link: these faults must tell them apart. */
let database: TestDatabase;
let proxy: ToxiproxyServer;
let link: Link;
let bot: BotConnection;
let listener: JobListener;
let lost: string[];

beforeEach(async () => {
  lost = [];
  database = await openDatabase();
  proxy = await startToxiproxy({ server: "embedded", image: "", seed: 1 });
  const { host, port } = database.address;
  link = await proxy.createLink({ name: "postgres", upstream: { host, port } });
  const address = { ...database.address, ...link.listen };
  const { schema } = database.control;
  const noting = (who: string) => (event: string) => void (event === "lost" && lost.push(who));
  bot = new BotConnection(
    {
      address,
      schema,
      name: `doubletake-bot-${schema}-1`,
      statementMs: 20_000,
      onEvent: noting("bot"),
    },
    { statements: 0, roundTrips: 0 },
  );
  await bot.open();
  listener = new JobListener({
    address,
    schema,
    place: 1,
    connectMs: 20_000,
    isPooled: false,
    reconnect: false,
    random: seededRandom(1),
    notified: () => undefined,
    reopened: () => undefined,
    onEvent: noting("listener"),
  });
});
afterEach(async () => {
  await bot.close();
  await listener[Symbol.asyncDispose]();
  await proxy.stop();
  await database[Symbol.asyncDispose]();
});

const context = (): FaultContext =>
  faultContext({
    control: database.control,
    link: () => link,
    application: `doubletake-bot-${database.control.schema}-`,
    connectionsLost: () => lost.length,
  });

describe.each([
  [
    "kill-connection",
    () => killConnection.create({ state: "listening", action: "terminate" }, context()),
  ],
  ["disconnect", () => disconnect.create({ link: "postgres", who: "listener" }, context())],
] as const)("%s of a listener", (_name, make) => {
  it("ends the connection on which bots are told of jobs, and no bot's", async () => {
    await listener.listen(new AbortController().signal);
    expect(await make().inject()).toMatchObject({ outcome: "hit" });
    await expect.poll(() => lost).toEqual(["listener"]);
    expect((await bot.query({ text: "SELECT 1" })).rows).toHaveLength(1);
  });
});

it("disconnect misses where nobody listens", async () => {
  const fault = disconnect.create({ link: "postgres", who: "listener" }, context());
  expect(await fault.inject()).toMatchObject({ outcome: "missed" });
  expect(lost).toEqual([]);
});
