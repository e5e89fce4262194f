import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRecorded } from "../../src/cli/read-recorded.ts";
import { eventLine } from "../../src/history/event-line.ts";
import { witnessLine } from "../../src/history/witness-line.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { WitnessBuilder } from "../histories/witness-builder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubletake-recorded-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function writeHistory(witness: "auto" | "off"): void {
  const history = new HistoryBuilder().begin().granted(1, 1).end();
  const { plan, ...header } = history.header();
  const { scenario } = plan;
  const environment = { ...scenario.environment, witness };
  const first = { ...header, plan: { ...plan, scenario: { ...scenario, environment } } };
  const { events } = history;
  const lines = Array.from({ length: events.length }, (_, index) => eventLine(events, index));
  writeFileSync(join(folder, "history.ndjson"), [JSON.stringify(first), ...lines, ""].join("\n"));
}

function writeWitness(): void {
  const { changes } = new WitnessBuilder().enqueued(2);
  const lines = Array.from({ length: changes.length }, (_, index) => witnessLine(changes, index));
  const header = JSON.stringify({ format: "doubletake-witness", version: 1, source: "decoding" });
  const note = JSON.stringify({
    of: "round",
    round: 0,
    changes: 2,
    isWhole: true,
    uncertaintyNs: 1,
  });
  writeFileSync(join(folder, "witness.ndjson"), [header, ...lines, note, ""].join("\n"));
}

describe("a recorded run", () => {
  it("has the witness of its folder", async () => {
    writeHistory("auto");
    writeWitness();
    const { witness, warnings } = await readRecorded(folder);
    expect(witness?.rounds).toMatchObject([{ round: 0, isWhole: true }]);
    expect(warnings).toEqual([]);
  });

  it("is judged with a warning where its witness is missing", async () => {
    writeHistory("auto");
    const { witness, warnings } = await readRecorded(folder);
    expect(witness).toBeNull();
    expect(warnings).toEqual([expect.stringContaining("there is no witness.ndjson")]);
  });

  it("is judged with a warning where its witness is broken", async () => {
    writeHistory("auto");
    writeFileSync(join(folder, "witness.ndjson"), "not JSON\n");
    const { witness, warnings } = await readRecorded(folder);
    expect(witness).toBeNull();
    expect(warnings).toEqual([expect.stringContaining("cannot be read")]);
  });

  it("says nothing where the scenario did without a witness", async () => {
    writeHistory("off");
    expect((await readRecorded(folder)).warnings).toEqual([]);
  });

  it("of another system has none, whatever lies beside it", async () => {
    writeWitness();
    writeFileSync(
      join(folder, "history.ndjson"),
      '{"t":1,"op":"claim","type":"ok","bot":1,"job":1}\n',
    );
    expect(await readRecorded(folder)).toMatchObject({ witness: null, warnings: [] });
  });
});
