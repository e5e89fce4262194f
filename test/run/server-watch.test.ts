import { expect, it, onTestFinished } from "vitest";
import { HarnessError } from "../../src/base/harness-error.ts";
import { lostConnection } from "../../src/run/lost-connection.ts";
import { ServerWatch } from "../../src/run/server-watch.ts";

const address = { host: "db", port: 5432, database: "shop", user: "me", password: "secret" };

interface Server {
  isUp: boolean;
  asked: number;
}

function watch(server: Server, patienceMs: () => number): ServerWatch {
  const query = async (): Promise<never[]> => {
    server.asked++;
    if (!server.isUp) throw new Error("connect ECONNREFUSED");
    return [];
  };
  const watching = new ServerWatch({ control: { query }, address, patienceMs, everyMs: 1 });
  onTestFinished(() => watching[Symbol.asyncDispose]());
  watching.start();
  return watching;
}

it("a server that answers no more is gone, and the error says where and why", async () => {
  const server = { isUp: true, asked: 0 };
  const watching = watch(server, () => 0);
  await expect.poll(() => server.asked).toBeGreaterThan(3);
  watching.rejectGone();
  server.isUp = false;
  await expect.poll(() => watching.gone.aborted).toBe(true);
  const told = expect.objectContaining({
    kind: "environment",
    where: "postgres://me@db:5432/shop",
    what: "the server is gone in the middle of the run: connect ECONNREFUSED",
  });
  expect(() => watching.rejectGone()).toThrow(told);
  const { asked } = server;
  await watching[Symbol.asyncDispose]();
  expect(server.asked).toBe(asked);
});

it("one that is silent for as long as a fault may take is not gone, and is when the fault is over", async () => {
  const server = { isUp: false, asked: 0 };
  let patienceMs = 600_000;
  const watching = watch(server, () => patienceMs);
  await expect.poll(() => server.asked).toBeGreaterThan(10);
  expect(watching.gone.aborted).toBe(false);
  patienceMs = 0;
  await expect.poll(() => watching.gone.aborted).toBe(true);
});

it("a single question that is not answered is none too few", async () => {
  const server = { isUp: true, asked: 0 };
  const query = async (): Promise<never[]> => {
    if (++server.asked % 3 !== 0) throw new Error("too late");
    return [];
  };
  const watching = new ServerWatch({
    control: { query },
    address,
    patienceMs: () => 0,
    everyMs: 1,
  });
  onTestFinished(() => watching[Symbol.asyncDispose]());
  watching.start();
  await expect.poll(() => server.asked).toBeGreaterThan(30);
  expect(watching.gone.aborted).toBe(false);
});

const coded = (message: string, code?: string): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

it.each([
  coded("terminating connection due to administrator command", "57P01"),
  coded("the database system is starting up", "57P03"),
  coded("could not receive data from client", "08006"),
  coded("connect ECONNREFUSED 127.0.0.1:5432", "ECONNREFUSED"),
  coded("Connection terminated unexpectedly"),
  coded("timeout exceeded when trying to connect"),
])("a connection of the run's own that was lost is the environment's: $message", (error) => {
  const told = lostConnection(error);
  expect(told).toBeInstanceOf(HarnessError);
  expect(told).toMatchObject({ kind: "environment", cause: error });
  expect((told as Error).message).toContain(error.message);
});

it.each([
  coded("relation jobs does not exist", "42P01"),
  coded("canceling statement due to user request", "57014"),
  coded("Cannot read properties of undefined"),
  new HarnessError({ kind: "usage", what: "there is no link" }),
  "a text",
])("all other errors stay what they are: %s", (error) => {
  expect(lostConnection(error)).toBe(error);
});
