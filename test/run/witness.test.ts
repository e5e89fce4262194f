import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { faults } from "../../src/chaos/faults.ts";
import { Operations } from "../../src/history/operations.ts";
import { readHistory } from "../../src/history/reader.ts";
import { roundsOf } from "../../src/history/rounds.ts";
import { readWitness } from "../../src/history/witness-reader.ts";
import { resolveUnknowns } from "../../src/history/witness-resolution.ts";
import type { RoundWitness } from "../../src/history/witness.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { runScenario } from "../../src/run/run-scenario.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";

const text = `name: witnessed
strategies: { subjects: [skip-locked], controls: [naive] }
jobs: { count: 60, work: 1ms }
bots: { count: 8 }
load: { kind: drain }
faults:
  - { fault: toxic, link: postgres, type: latency, attributes: { latency: 4 }, from: 0s, to: 300ms }
  - { fault: disconnect, link: postgres, every: 60ms }
`;

const idle = { environmentStarted() {}, roundStarted() {}, phaseStarted() {} };

it("the witness of a run accounts for every answer, and settles every doubt", async () => {
  const out = mkdtempSync(join(tmpdir(), "doubletake-run-"));
  try {
    const plan = makePlan(readScenario({ file: "witnessed.yaml", text }, faults));
    const { signal } = new AbortController();
    const run = await runScenario({ plan, out, replay: "", signal, watcher: idle });
    const { events } = await readHistory(run.folder.path);
    const witness = await readWitness(run.folder.path);
    expect(run.warnings).toEqual([]);
    expect(witness?.warnings).toEqual([]);
    expect(witness?.rounds.map(({ round }) => round)).toEqual([0, 1]);
    let doubts = 0;
    for (const window of roundsOf(events)) {
      const operations = new Operations(window);
      const round = witness?.rounds.find((one) => one.round === window.round) as RoundWitness;
      const resolution = resolveUnknowns({ ...window, operations }, round);
      expect(round.isWhole).toBe(true);
      expect(resolution.unwitnessed).toEqual([]);
      expect(resolution.unheard.filter(({ operation }) => operation === null)).toEqual([]);
      for (let operation = 0; operation < operations.length; operation++) {
        const truth = resolution.truth(operation);
        expect(truth).not.toBe("not known");
        if (truth !== null) doubts++;
      }
    }
    expect(doubts).toBeGreaterThan(0);
  } finally {
    rmSync(out, { recursive: true });
  }
});
