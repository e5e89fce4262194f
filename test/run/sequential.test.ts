import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { faults } from "../../src/chaos/faults.ts";
import { conclude } from "../../src/cli/conclude.ts";
import { readHistory } from "../../src/history/reader.ts";
import { looksOf } from "../../src/history/looks.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { look } from "../../src/report/look.ts";
import { runScenario } from "../../src/run/run-scenario.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";
import { measuredRounds } from "../report/measured-rounds.ts";

const text = `name: looks
strategies: { subjects: [skip-locked], controls: [naive] }
jobs: { count: 12 }
bots: { count: 4 }
load: { kind: drain }
repeat: { min: 2, max: 4 }
environment: { toxiproxy: off, witness: off }
`;

const idle = { environmentStarted() {}, phaseStarted() {} };

/**
 * Real rounds, of which the looks are told times that no machine measured: how many times as long the subject took in each
 * repeat. On a busy machine a real difference drowns, and rounds are left out because the machine moved.
 */
it.each([
  { ratios: [2, 2, 2, 2], looks: [2], end: "decided" },
  { ratios: [2, 0.5, 2, 2], looks: [2, 3, 4], end: "most" },
] as const)("a run ends at the look that decides, or at its last: $end", async (measured) => {
  const out = mkdtempSync(join(tmpdir(), "doubletake-run-"));
  try {
    const plan = makePlan(readScenario({ file: "looks.yaml", text }, faults), 7);
    expect(plan.rounds).toHaveLength(8);
    const { signal } = new AbortController();
    const begun: number[] = [];
    const watcher = { ...idle, roundStarted: ({ round }: { round: number }) => begun.push(round) };
    const lookAtMeasured: typeof look = (header, _events, repeats) => {
      const events = measuredRounds(plan, repeats, ({ repeat, strategy }) => ({
        loadMs: 1000 * (strategy === "skip-locked" ? (measured.ratios[repeat] ?? 1) : 1),
      }));
      return look(header, events, repeats);
    };
    const request = { plan, out, replay: "", signal, watcher, look: lookAtMeasured };
    const run = await runScenario(request);
    const { events, header } = await readHistory(run.folder.path);

    const looks = looksOf(events);
    const last = looks.at(-1);
    expect(looks.map(({ repeats }) => repeats)).toEqual(measured.looks);
    expect(looks.slice(0, -1).filter(({ stops }) => stops)).toEqual([]);
    expect(last?.stops).toBe(measured.end === "decided");
    expect(begun).toEqual(plan.rounds.slice(0, begun.length).map(({ round }) => round));
    expect(begun).toHaveLength(2 * (last?.repeats ?? 0));

    // The repeats that were not needed were not cut short: the result is whole without them.
    const result = conclude({ header, events, witness: null, warnings: [] });
    expect(result.interrupted).toBe(false);
    expect(result.sequential).toMatchObject({ least: 2, most: 4, end: measured.end, looks });
    expect(result.load.summary).toMatch(
      measured.end === "decided"
        ? /each strategy 2 of 2 to 4 times$/
        : /each strategy 2 to 4 times$/,
    );
    const enough = result.strategies[0]?.checks.find(({ name }) => name === "enough-evidence");
    expect(enough?.note).not.toContain("rounds were run to their end");
  } finally {
    rmSync(out, { recursive: true });
  }
});
