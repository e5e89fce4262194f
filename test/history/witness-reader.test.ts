import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HarnessError } from "../../src/base/harness-error.ts";
import { readWitness } from "../../src/history/witness-reader.ts";
import { WitnessRecorder } from "../../src/history/witness-recorder.ts";
import type { Witness } from "../../src/history/witness.ts";

const header = `{"format":"doubletake-witness","version":1,"source":"audit"}`;
let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubletake-witness-"));
  file = join(folder, "witness.ndjson");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function bot(n: number, round = 0): string {
  return JSON.stringify({ n, round, xid: n + 5, at: n, of: "bot", kind: "update", bot: n, job: 1 });
}

function end(round: number, changes: number): string {
  return JSON.stringify({ of: "round", round, changes, isWhole: true, uncertaintyNs: 100 });
}

async function read(...lines: readonly string[]): Promise<Witness> {
  writeFileSync(file, lines.join("\n"));
  return (await readWitness(folder)) as Witness;
}

async function refusal(...lines: readonly string[]): Promise<HarnessError> {
  const error = await read(...lines).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HarnessError);
  expect((error as HarnessError).kind).toBe("usage");
  return error as HarnessError;
}

function numbers({ changes }: Witness): number[] {
  return Array.from({ length: changes.length }, (_, index) => changes.number(index));
}

describe("witness reader", () => {
  it("gives each round its own window", async () => {
    const witness = await read(
      header,
      bot(0),
      bot(1),
      end(0, 2),
      end(1, 0),
      bot(2, 2),
      end(2, 1),
      "",
    );
    expect(witness.source).toBe("audit");
    expect(witness.warnings).toEqual([]);
    expect(
      witness.rounds.map(({ round, from, to, isWhole }) => [round, from, to, isWhole]),
    ).toEqual([
      [0, 0, 2, true],
      [1, 0, 0, true],
      [2, 2, 3, true],
    ]);
    expect(witness.rounds[0]?.uncertaintyNs).toBe(100);
  });

  it("finds the witness of a run folder, and the one beside its history", async () => {
    await read(header, "");
    expect(await readWitness(join(folder, "history.ndjson"))).not.toBeNull();
    expect(await readWitness(file)).not.toBeNull();
    expect(await readWitness(join(folder, "another.ndjson"))).toBeNull();
    rmSync(file);
    expect(await readWitness(folder)).toBeNull();
  });

  it("leaves a last line out that is cut off; its round is not whole", async () => {
    const witness = await read(header, bot(0), end(0, 1), bot(1, 1), bot(2, 1).slice(0, 20));
    expect(numbers(witness)).toEqual([0, 1]);
    expect(witness.rounds.map(({ isWhole }) => isWhole)).toEqual([true, false]);
    expect(witness.warnings).toEqual([
      "the last line (5) is cut off and was left out",
      "the witness of round 1 is not whole: it does not come to its end",
    ]);
  });

  it("sorts lines that are out of order, and reads one that stands there twice once", async () => {
    const witness = await read(header, bot(2), bot(0), bot(1), bot(1), end(0, 3), "");
    expect(numbers(witness)).toEqual([0, 1, 2]);
    expect(witness.rounds[0]?.isWhole).toBe(true);
    expect(witness.warnings).toEqual([
      `the lines are out of order, sorted by "n"`,
      "1 line found twice, read once",
    ]);
  });

  it("notices a line that is missing", async () => {
    const witness = await read(header, bot(0), bot(2), end(0, 3), "");
    expect(witness.rounds[0]?.isWhole).toBe(false);
    expect(witness.warnings).toEqual([
      "the witness of round 0 is not whole: 1 of its 3 changes are missing",
    ]);
  });

  it("leaves changes out that it does not know, and says so", async () => {
    const witness = await read(header, bot(0), `{"of":"queue","n":1}`, end(0, 1), "");
    expect(witness.changes.length).toBe(1);
    expect(witness.warnings).toEqual([`1 change of unknown "queue" left out`]);
  });

  it.each([
    ["no JSON", [header, "{", bot(1), ""], "the line is not JSON", 2],
    ["no change", [header, `{"of":"bot"}`, ""], `"n" must be a whole number from 0`, 2],
    ["no header", [bot(0), ""], "the header's format", 1],
    ["a header of another version", [header.replace("1", "2"), ""], "the header's version", 1],
    ["a header cut off", [header.slice(0, 20)], "the line is not JSON", 1],
  ])("refuses %s, with its line", async (_name, lines, what, line) => {
    const error = await refusal(...lines);
    expect(error.what).toContain(what);
    expect(error.where).toBe(`${file}:${line}`);
  });

  it("refuses an empty file, and two different changes of one number", async () => {
    expect((await refusal("")).what).toBe("it is empty");
    const other = bot(0).replace(`"job":1`, `"job":2`);
    expect((await refusal(header, bot(0), other, "")).what).toBe("two different changes have n=0");
  });
});

describe("witness recorder", () => {
  const change = { of: "bot", kind: "update", xid: 9, bot: 1, job: null } as const;

  it("leaves out a transaction whose end was not told", async () => {
    await using recorder = await WitnessRecorder.create(file, "decoding");
    recorder.beginRound(3);
    recorder.push(change);
    recorder.commit(50);
    await recorder.write();
    recorder.push(change);
    await recorder.endRound({ isWhole: false, uncertaintyNs: null, problem: "the line went dead" });
    recorder.beginRound(4);
    recorder.push({ ...change, bot: 2 });
    recorder.commit(70);
    await recorder.endRound({ isWhole: true, uncertaintyNs: 5 });
    const witness = (await readWitness(file)) as Witness;
    expect(witness.changes.length).toBe(2);
    expect(witness.changes.change(1)).toEqual({ ...change, bot: 2, n: 1, round: 4, at: 70 });
    const warning = "the witness of round 3 is not whole: the line went dead";
    expect(witness.warnings).toEqual([warning]);
    expect(recorder.witness.warnings).toEqual([warning]);
    expect(recorder.witness.rounds.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it("says where it cannot write", async () => {
    const nowhere = join(folder, "missing", "witness.ndjson");
    await expect(WitnessRecorder.create(nowhere, "audit")).rejects.toThrow(
      /the witness cannot be written/,
    );
  });
});
