import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startClock } from "../../../src/base/clock.ts";
import type { Clock } from "../../../src/base/clock.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { executeLoad } from "../../../src/bots/loads.ts";
import { faults } from "../../../src/chaos/faults.ts";
import type { Observation } from "../../../src/history/recorder.ts";
import { HostedCrew } from "../../../src/run/hosts/hosted-crew.ts";
import { MergedRecord } from "../../../src/run/hosts/merged-record.ts";
import type { Load } from "../../../src/scenario/load.ts";
import { readScenario } from "../../../src/scenario/read-scenario.ts";
import { Lifecycle } from "../../../src/service/lifecycle.ts";
import { enqueue } from "../../../src/service/tables.ts";
import { fillTables, openDatabase } from "../../setup/database.ts";
import type { TestDatabase } from "../../setup/database.ts";

const bots = 5;
const text = `name: hosted
strategies: { subjects: [skip-locked] }
jobs: { count: 100, work: 1ms }
bots: { count: ${bots}, hosts: 2 }
load: { kind: drain }
`;

let database: TestDatabase;
let clock: Clock;
let merged: MergedRecord;
let crew: HostedCrew;
let written: Observation[];

beforeEach(async () => {
  database = await openDatabase();
  await fillTables(database.control, { bots, jobs: 40 });
  clock = startClock();
  written = [];
  merged = new MergedRecord((event) => void written.push(event), clock);
  crew = new HostedCrew({
    scenario: readScenario({ file: "hosted.yaml", text }, faults),
    planned: { strategy: "skip-locked", role: "subject", seed: 1 },
    environment: { botAddress: database.address, control: database.control },
    clock,
    merged,
    onEvent: () => undefined,
  });
  await crew.start();
});

afterEach(async () => {
  await crew[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function play(load: Load): Promise<void> {
  const { signal } = new AbortController();
  expect(await crew.connect(signal)).toBe(0);
  await executeLoad(load, {
    crew,
    record: merged.record,
    enqueue: async () => void (await enqueue(database.control, new Lifecycle(), bots)),
    signal,
    now: () => clock.now(),
    random: seededRandom(1),
  });
  // Ends what waits for a process that has not told how far it is.
  await crew[Symbol.asyncDispose]();
  const times = written.map(({ t }) => t ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
}

const botsThat = (events: readonly Observation[], op: string, type: string): number[] =>
  events
    .filter((event) => event.op === op && event.type === type)
    .map(({ bot }) => bot ?? 0)
    .toSorted((a, b) => a - b);

describe("bots in processes of their own", () => {
  it("drain: end when nothing is left, with every job done once, and tell what that cost", async () => {
    await play({ kind: "drain" });
    const done = written.filter(({ op, type }) => op === "complete" && type === "ok");
    expect(new Set(done.map(({ job }) => job)).size).toBe(40);
    expect(done).toHaveLength(40);
    expect(new Set(done.map(({ bot }) => bot)).size).toBeGreaterThan(1);
    // A claim, a start and a completion each, one statement for each of them.
    expect(crew.cost().statements).toBeGreaterThanOrEqual(3 * 40);
  });

  it("rounds: claim at the same moment, each once a wave", async () => {
    await play({ kind: "rounds", waves: 2 });
    const ends = written.flatMap(({ op }, index) => (op === "wave" ? [index] : []));
    expect(ends).toHaveLength(4);
    for (const wave of [0, 2]) {
      const events = written.slice(ends[wave], ends[wave + 1]);
      expect(botsThat(events, "claim", "invoke")).toEqual([1, 2, 3, 4, 5]);
      expect(botsThat(events, "claim", "ok")).toEqual([1, 2, 3, 4, 5]);
    }
    expect(botsThat(written, "claim", "invoke")).toHaveLength(10);
  });

  it("duration: claim until their time is over, and then no more", async () => {
    const from = clock.now();
    await play({ kind: "duration", forMs: 1_000 });
    expect(clock.now() - from).toBeGreaterThanOrEqual(1_000e6);
    expect(botsThat(written, "claim", "ok").length).toBeGreaterThan(0);
    const ended = written.filter(({ op, type }) => op === "claim" && type !== "invoke");
    expect(ended).toHaveLength(botsThat(written, "claim", "invoke").length);
  });

  it("end the load with one clear message when a process dies that nobody wanted dead", async () => {
    const stop = new AbortController();
    const turns = crew.takeTurns({ signal: stop.signal });
    process.kill(crew.running[0]?.pid ?? 0, "SIGKILL");
    await expect(turns).rejects.toThrow(/a process with bots in it ended by itself/);
    stop.abort();
  });
});
