import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { faults } from "../../src/chaos/faults.ts";
import type { ClaimDetail, FaultDetail, RoundDetail } from "../../src/history/event.ts";
import { readHistory } from "../../src/history/reader.ts";
import { notesOf, phaseOf, roundsOf } from "../../src/history/rounds.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { runScenario } from "../../src/run/run-scenario.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";

const text = `name: open
strategies: { subjects: [skip-locked] }
jobs: { count: 30, work: { distribution: uniform, min: 0ms, max: 1ms } }
bots: { count: 4 }
load: { kind: arrival-rate, rate: 100, for: 500ms, arrivals: poisson, lateAfter: 20s, skipAfter: 30s }
enqueue: { rate: 100 }
warmUp: 50ms
faults:
  - { fault: slow-work, extra: 1ms, from: 0s }
environment:
  toxiproxy: off
  witness: off
  settings: { shared_preload_libraries: pg_stat_statements }
`;

const idle = { environmentStarted() {}, roundStarted() {}, phaseStarted() {} };

it("an open loop warms up, is timed from its arrivals, and notes what the time went into", async () => {
  const out = mkdtempSync(join(tmpdir(), "doubletake-run-"));
  try {
    const plan = makePlan(readScenario({ file: "open.yaml", text }, faults), 7);
    const { signal } = new AbortController();
    const run = await runScenario({ plan, out, replay: "", signal, watcher: idle });
    const { events } = await readHistory(run.folder.path);
    const [round] = roundsOf(events);
    if (round === undefined) throw new Error("the run has no round");
    const warmUp = phaseOf(round, "warm-up");
    const prepare = phaseOf(round, "prepare");
    const load = phaseOf(round, "load");
    if (!warmUp || !prepare || !load) throw new Error("a phase is missing");
    expect(warmUp.toNs).toBeLessThanOrEqual(prepare.fromNs);
    expect(prepare.toNs).toBeLessThanOrEqual(load.fromNs);
    // A fault that stands from the start is injected after the warm-up, and in no time of the load's.
    const [injected] = notesOf<FaultDetail>(round, "fault");
    expect(injected?.detail.event).toBe("injected");
    expect(injected?.index).toBeGreaterThan(prepare.from);
    expect(injected?.index).toBeLessThan(prepare.to);

    let [intended, produced] = [0, 0];
    for (let event = load.from; event < load.to; event++) {
      if (events.op(event) === "enqueue" && events.type(event) === "ok") produced++;
      if (events.op(event) !== "claim" || events.type(event) !== "invoke") continue;
      const dueNs = (events.detail(event) as ClaimDetail).intendedAt ?? Infinity;
      expect(dueNs).toBeLessThanOrEqual(events.t(event));
      intended++;
    }
    expect(produced).toBeGreaterThan(0);

    const end = notesOf<RoundDetail>(round, "round").find(({ detail }) => detail.event === "end");
    const { cost, load: noted } = end?.detail ?? {};
    expect(noted?.arrivals?.scheduled).toBeGreaterThan(0);
    // Told is exactly what was asked; a lost race, which asks again for the same arrival, this strategy does not know.
    expect(intended).toBe((noted?.arrivals?.scheduled ?? 0) - (noted?.arrivals?.skipped ?? 0));
    expect(noted?.growth?.[0]?.tableBytes).toBeGreaterThan(0);
    expect(noted?.canary?.queryMs).toBeGreaterThan(0);
    expect(noted?.generator.loopUtilization).toBeGreaterThan(0);
    expect(
      Object.values(noted?.waits ?? {}).reduce((sum, count) => sum + count, 0),
    ).toBeGreaterThan(0);
    // A claim looks at a page of the table and one of an index, at the very least.
    expect(cost?.buffers).toBeGreaterThan(2 * intended);
  } finally {
    rmSync(out, { recursive: true });
  }
});
