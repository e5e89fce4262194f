import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startClock } from "../../src/base/clock.ts";
import { waitUntil } from "../../src/base/timer.ts";
import type { FaultContext } from "../../src/chaos/fault.ts";
import { faults } from "../../src/chaos/faults.ts";
import { killBots } from "../../src/chaos/kill-bots.ts";
import { pauseBots } from "../../src/chaos/pause-bots.ts";
import { processState } from "../../src/environment/process-state.ts";
import type { Observation } from "../../src/history/recorder.ts";
import { HostedCrew } from "../../src/run/hosts/hosted-crew.ts";
import { MergedRecord } from "../../src/run/hosts/merged-record.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { needsLinux } from "../setup/machine.ts";
import { faultContext } from "./fault-context.ts";

const leaseMs = 60_000;
/** Work that takes as long as the tests, so that a bot that was granted a job holds it. */
const text = `name: hosted
strategies: { subjects: [skip-locked] }
jobs: { count: 100, work: 10m }
bots: { count: 4, hosts: 2 }
load: { kind: drain }
claims: { lease: 60s }
deadlines: { load: 20m }
`;

let database: TestDatabase;
let crew: HostedCrew;
let written: Observation[];
let stop: AbortController;
let turns: Promise<void>;

const bound = { ms: 30_000, everyMs: 5 };
const grants = (): Observation[] =>
  written.filter(({ op, type }) => op === "claim" && type === "ok");

beforeEach(async () => {
  database = await openDatabase();
  await fillTables(database.control, { bots: 4, jobs: 20 });
  const clock = startClock();
  written = [];
  crew = new HostedCrew({
    scenario: readScenario({ file: "hosted.yaml", text }, faults),
    planned: { strategy: "skip-locked", role: "subject", seed: 1 },
    environment: { botAddress: database.address, control: database.control },
    clock,
    merged: new MergedRecord((event) => void written.push(event), clock),
    onEvent: () => undefined,
  });
  await crew.start();
  stop = new AbortController();
  turns = crew.takeTurns({ signal: stop.signal });
  // At work each of them: it holds a claim, and waits for no answer.
  const atWork = (): Observation[] =>
    written.filter(({ op, type }) => op === "start" && type === "ok");
  if (await waitUntil(() => atWork().length === 4, bound)) return;
  throw new Error("the bots did not get to work");
});

afterEach(async () => {
  stop.abort();
  await turns;
  await crew[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const context = (given: Partial<FaultContext> = {}): FaultContext =>
  faultContext({ hosts: crew, leaseMs, ...given });

const stateOf = (pid: number): string => processState(pid) ?? "gone";

describe.runIf(needsLinux("faults of processes with bots in them"))("kill-bots", () => {
  it("kills one process, counts who held a claim, and starts the same bots again", async () => {
    const [before] = [crew.running.map(({ place, pid, bots }) => ({ place, pid, bots }))];
    const fault = killBots.create({ hosts: "one" }, context());
    const injection = await fault.inject();
    expect(injection).toMatchObject({
      outcome: "hit",
      note: expect.stringMatching(/^2 bots held/),
    });
    const [left, ...others] = crew.running;
    expect(others).toEqual([]);
    expect(crew.size).toBe(2);
    const killed = before.find(({ place }) => place !== left?.place);
    expect(injection.aim).toBe(`host ${killed?.place}, process ${killed?.pid}`);
    expect(["gone", "Z", "X"]).toContain(stateOf(killed?.pid ?? 0));
    expect(stateOf(left?.pid ?? 0)).not.toBe("gone");

    await fault.heal();
    await fault.heal();
    expect(crew.size).toBe(4);
    const again = crew.running.find(({ place }) => place === killed?.place);
    expect(again?.bots).toEqual(killed?.bots);
    expect(again?.pid).not.toBe(killed?.pid);
    // The successors ask first, and are told what their predecessors held.
    const resumed = (): Observation[] =>
      written.filter(({ op, type }) => op === "resume" && type === "ok");
    expect(await waitUntil(() => resumed().length === 2, bound)).toBe(true);
    const held = (events: readonly Observation[]): string[] =>
      events.map(({ bot, job }) => `${bot}:${job}`).toSorted();
    const theirs = grants().filter(({ bot }) => killed?.bots.includes(bot ?? 0));
    expect(held(resumed())).toEqual(held(theirs));
    const ts = written.map(({ t }) => t ?? 0);
    expect(ts).toEqual(ts.toSorted((a, b) => a - b));
  });

  it("kills all, and says that it missed where nobody is left", async () => {
    const pids = crew.running.map(({ pid }) => pid);
    const fault = killBots.create({ hosts: "all" }, context());
    expect(await fault.inject()).toMatchObject({ outcome: "hit" });
    expect(crew.size).toBe(0);
    for (const pid of pids) expect(["gone", "Z", "X"]).toContain(stateOf(pid));
    const second = killBots.create({ hosts: "one" }, context({ signal: AbortSignal.abort() }));
    expect(await second.inject()).toMatchObject({ outcome: "missed" });
    await second.heal();
    expect(crew.size).toBe(0);
    await fault.heal();
    expect(crew.size).toBe(4);
  });
});

describe.runIf(needsLinux("faults of processes with bots in them"))("pause-bots", () => {
  it("stops a process, and has hit when the pause was longer than a lease", async () => {
    const pids = crew.running.map(({ pid }) => pid);
    const fault = pauseBots.create({ hosts: "one" }, context({ leaseMs: 50 }));
    expect(await fault.inject()).toMatchObject({ outcome: "applied" });
    expect(pids.map(stateOf).filter((state) => state === "T")).toHaveLength(1);
    expect(crew.size).toBe(2);
    let hits: readonly { readonly aim: string }[] | null | undefined = [];
    const isHit = async (): Promise<boolean> => {
      hits = await fault.witnessed?.();
      return (hits?.length ?? 0) > 0;
    };
    expect(await waitUntil(isHit, bound)).toBe(true);
    expect(hits).toMatchObject([{ aim: expect.stringContaining("2 bots past their lease") }]);
    await fault.heal();
    await fault.heal();
    expect(crew.size).toBe(4);
    expect(pids.map(stateOf)).not.toContain("T");
  });

  it("has hurt nobody where the lease is longer and nobody waited for an answer", async () => {
    const fault = pauseBots.create({ hosts: "all" }, context());
    await fault.inject();
    expect(crew.size).toBe(0);
    expect(await fault.witnessed?.()).toEqual([]);
    await fault.heal();
  });

  it("does not keep the load from ending", async () => {
    const fault = pauseBots.create({ hosts: "all" }, context());
    await fault.inject();
    stop.abort();
    await turns;
    await fault.heal();
    // What was told to end while they stood still has ended when they are asked for something else.
    stop = new AbortController();
    expect(await crew.connect(stop.signal)).toBe(0);
  });
});
