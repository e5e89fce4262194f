import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { faults } from "../../src/chaos/faults.ts";
import { conclude } from "../../src/cli/conclude.ts";
import { readHistory } from "../../src/history/reader.ts";
import { looksOf } from "../../src/history/looks.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { RunResult } from "../../src/report/result.ts";
import { runScenario } from "../../src/run/run-scenario.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";

/** The one works ten times as long on each job as the other: three pairs of rounds show it on any machine. */
const text = `name: looks
strategies: { subjects: [skip-locked], controls: [naive] }
jobs: { count: 12 }
bots: { count: 4 }
load: { kind: drain }
faults: [{ fault: slow-work, extra: 200ms, from: 0s, to: 50s, only: subjects }]
repeat: { min: 4, max: 8 }
environment: { toxiproxy: off, witness: off }
`;

const idle = { environmentStarted() {}, phaseStarted() {} };

/** Repeats of which a round was left out. */
function discardedPairs({ discardedRounds = [] }: RunResult): number {
  return new Set(discardedRounds.map(({ round }) => Math.floor(round / 2))).size;
}

it("a run ends at the look at which its comparisons are decided, or at the last, and is whole", async () => {
  const out = mkdtempSync(join(tmpdir(), "doubletake-run-"));
  try {
    const plan = makePlan(readScenario({ file: "looks.yaml", text }, faults), 7);
    expect(plan.rounds).toHaveLength(16);
    const { signal } = new AbortController();
    const begun: number[] = [];
    const watcher = { ...idle, roundStarted: ({ round }: { round: number }) => begun.push(round) };
    const run = await runScenario({ plan, out, replay: "", signal, watcher });
    const { events, header } = await readHistory(run.folder.path);

    const looks = looksOf(events);
    const last = looks.at(-1);
    // Who looks on after a look that stops has not stopped.
    expect(looks.slice(0, -1).filter(({ stops }) => stops)).toEqual([]);
    expect(last?.repeats).toBe(begun.length / 2);
    expect(last?.stops).toBe(last?.decided === 1 && last.repeats < 8);
    // A busy machine may move so often that too few pairs are left to decide by: then all repeats were run.
    expect(last?.stops === true || last?.repeats === 8).toBe(true);

    const result = conclude({ header, events, witness: null, warnings: [] });
    expect(result.interrupted).toBe(false);
    expect(result.sequential).toMatchObject({
      least: 4,
      most: 8,
      end: last?.stops === true ? "decided" : "most",
    });
    const [rates] = result.comparisons;
    expect(rates?.decision).toBe(last?.decided === 1 ? "worse" : "inconclusive");
    // A busy machine may have moved in a round, whose pair is then left out.
    expect(rates?.pairs).toBe(begun.length / 2 - discardedPairs(result));
    expect(rates?.confidence).toBe(result.sequential?.confidence);
    expect(result.load.summary).toMatch(/each strategy (\d of )?4 to 8 times$/);
    const enough = result.strategies[0]?.checks.find(({ name }) => name === "enough-evidence");
    expect(enough?.note).not.toContain("rounds were run to their end");
  } finally {
    rmSync(out, { recursive: true });
  }
});
