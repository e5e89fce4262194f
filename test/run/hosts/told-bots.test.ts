import { afterEach, beforeEach, expect, it } from "vitest";
import { startClock } from "../../../src/base/clock.ts";
import { faults } from "../../../src/chaos/faults.ts";
import type { ConnectionDetail } from "../../../src/history/event.ts";
import type { Observation } from "../../../src/history/recorder.ts";
import { HostedCrew } from "../../../src/run/hosts/hosted-crew.ts";
import { MergedRecord } from "../../../src/run/hosts/merged-record.ts";
import { readScenario } from "../../../src/scenario/read-scenario.ts";
import { listenerName } from "../../../src/service/job-listener.ts";
import { tellOfJobs } from "../../../src/service/job-notices.ts";
import { Lifecycle } from "../../../src/service/lifecycle.ts";
import { enqueue } from "../../../src/service/tables.ts";
import { fillTables, openDatabase } from "../../setup/database.ts";
import type { TestDatabase } from "../../setup/database.ts";

const bots = 4;
const text = `name: told
strategies: { subjects: [skip-locked] }
jobs: { count: 1 }
bots: { count: ${bots}, hosts: 2, wake: { by: notify, reconnect: false } }
load: { kind: drain }
`;

let database: TestDatabase;
let crew: HostedCrew;
let seen: Observation[];
let stop: AbortController;
let turns: Promise<void>;

beforeEach(async () => {
  database = await openDatabase();
  await fillTables(database.control, { bots, jobs: 0 });
  await tellOfJobs(database.control);
  seen = [];
  stop = new AbortController();
  const clock = startClock();
  crew = new HostedCrew({
    scenario: readScenario({ file: "told.yaml", text }, faults),
    planned: { strategy: "skip-locked", role: "subject", seed: 1 },
    environment: { botAddress: database.address, control: database.control },
    clock,
    merged: new MergedRecord(() => undefined, clock),
    onEvent: (event) => void seen.push(event),
  });
  await crew.start();
  await crew.connect(stop.signal);
  turns = crew.takeTurns({ signal: stop.signal });
});
afterEach(async () => {
  stop.abort();
  await turns;
  await crew[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const botsThat = (op: string, type: string): Set<number | undefined> =>
  new Set(seen.filter((event) => event.op === op && event.type === type).map(({ bot }) => bot));

const listenersThat = (event: string): Set<number | undefined> =>
  new Set(
    seen
      .map(({ detail }) => detail as ConnectionDetail | undefined)
      .filter((detail) => detail?.event === event && detail.listener !== undefined)
      .map((detail) => detail?.listener),
  );

/** Bots that have found nothing, and done nothing since. */
function idle(): number {
  const last = new Map<number, Observation>();
  for (const event of seen)
    if (event.bot !== undefined && event.type !== "info") last.set(event.bot, event);
  return [...last.values()].filter(({ op, type }) => op === "claim" && type === "empty").length;
}

const add = (count: number): Promise<unknown> => enqueue(database.control, new Lifecycle(), count);

const done = (): number => seen.filter(({ op, type }) => op === "complete" && type === "ok").length;

it("bots of each process are told by a listener of its own, and those of one that was lost by nobody", async () => {
  await expect.poll(idle, { timeout: 20_000 }).toBe(bots);
  expect(listenersThat("opened")).toEqual(new Set([1, 2]));
  await add(20);
  await expect.poll(done, { timeout: 20_000 }).toBe(20);
  await expect.poll(() => listenersThat("notified"), { timeout: 20_000 }).toEqual(new Set([1, 2]));
  await expect.poll(idle, { timeout: 20_000 }).toBe(bots);

  await database.control.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
    [listenerName(database.control.schema, 1)],
  );
  await expect.poll(() => listenersThat("lost"), { timeout: 20_000 }).toEqual(new Set([1]));
  seen.length = 0;
  await add(20);
  await expect.poll(done, { timeout: 20_000 }).toBe(20);
  // The first process has the bots with even numbers, the second those with odd ones; see `dealt`.
  const those = crew.running[1]?.bots ?? [];
  for (const bot of botsThat("claim", "ok")) expect(those).toContain(bot);
});
