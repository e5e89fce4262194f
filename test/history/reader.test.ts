import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HarnessError } from "../../src/base/harness-error.ts";
import { readHistory } from "../../src/history/reader.ts";
import type { History } from "../../src/history/reader.ts";
import { HistoryBuilder } from "../histories/builder.ts";

const header = JSON.stringify(new HistoryBuilder().header());
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubletake-reader-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function invoke(i: number, t = i * 10): string {
  return JSON.stringify({ i, t, bot: 1, op: "claim", type: "invoke" });
}

async function read(text: string): Promise<History> {
  const file = join(folder, "history.ndjson");
  writeFileSync(file, text);
  return await readHistory(file);
}

async function refusal(text: string): Promise<HarnessError> {
  const error = await read(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HarnessError);
  expect((error as HarnessError).kind).toBe("usage");
  return error as HarnessError;
}

function numbers({ events }: History): number[] {
  return Array.from({ length: events.length }, (_, index) => events.number(index));
}

describe("history reader", () => {
  it("judges what is there when the last line is cut off", async () => {
    const history = await read(`${header}\n${invoke(0)}\n${invoke(1).slice(0, 20)}`);
    expect(numbers(history)).toEqual([0]);
    expect(history.warnings).toEqual(["the last line (3) is cut off and was left out"]);
  });

  it("reads a last line without a line feed", async () => {
    const history = await read(`${header}\n${invoke(0)}`);
    expect(numbers(history)).toEqual([0]);
    expect(history.warnings).toEqual([]);
  });

  it("sorts lines that are out of order", async () => {
    const history = await read([header, invoke(2), invoke(0), invoke(1), ""].join("\n"));
    expect(numbers(history)).toEqual([0, 1, 2]);
    expect(history.warnings).toEqual([`2 lines out of order, sorted by "i"`]);
  });

  it("reads a line that stands there twice once", async () => {
    const history = await read([header, invoke(0), invoke(1), invoke(1), ""].join("\n"));
    expect(numbers(history)).toEqual([0, 1]);
    expect(history.warnings).toEqual(["1 line found twice, read once"]);
  });

  it("refuses two different events of one number", async () => {
    const error = await refusal([header, invoke(0, 5), invoke(0, 6), ""].join("\n"));
    expect(error.what).toBe("two different events have i=0");
  });

  it("leaves unknown operations out, keeps the numbers of the file, and says so", async () => {
    const strange = JSON.stringify({ i: 1, t: 1, op: "teleport", type: "ok" });
    const history = await read([header, invoke(0), strange, invoke(2), ""].join("\n"));
    expect(numbers(history)).toEqual([0, 2]);
    expect(history.events.event(1).i).toBe(2);
    expect(history.warnings).toEqual([`1 event of unknown operation "teleport" left out`]);
  });

  it("warns of a clock that goes backwards and keeps the order of i", async () => {
    const history = await read(
      [header, invoke(0, 50), invoke(1, 40), invoke(2, 60), ""].join("\n"),
    );
    expect(numbers(history)).toEqual([0, 1, 2]);
    expect(history.warnings).toHaveLength(1);
    expect(history.warnings[0]).toContain("the clock goes backwards 1 time, first at i=1");
  });

  it("does not call a fault that is told late a broken clock", async () => {
    const late = JSON.stringify({ i: 1, t: 20, op: "fault", type: "info" });
    const history = await read([header, invoke(0, 50), late, invoke(2, 60), ""].join("\n"));
    expect(history.warnings).toEqual([]);
  });

  it("names file and line of a line that is not JSON", async () => {
    const error = await refusal([header, invoke(0), "{not json", invoke(1), ""].join("\n"));
    expect(error.where).toBe(`${join(folder, "history.ndjson")}:3`);
    expect(error.what).toBe("the line is not JSON");
  });

  it.each([
    ["a type that does not exist", { t: 1, op: "claim", type: "done" }, /"type" is one of/],
    [
      "info for a lost answer, as Jepsen writes it",
      { t: 1, op: "claim", type: "info" },
      /"unknown"/,
    ],
    ["a note that is not info", { t: 1, op: "fault", type: "ok" }, /always of type "info"/],
    ["a missing time", { op: "claim", type: "ok" }, /"t" must be a number/],
    ["a job that is a text", { t: 1, op: "claim", type: "ok", job: "9" }, /"job" must be/],
    ["a missing operation", { t: 1, type: "ok" }, /"op" must be a text/],
    ["a detail that is a list", { t: 1, op: "claim", type: "ok", detail: [] }, /"detail"/],
  ])("refuses %s", async (_name, event, problem) => {
    const error = await refusal(`${header}\n${JSON.stringify(event)}\n`);
    expect(error.what).toMatch(problem);
    expect(error.where).toMatch(/:2$/);
  });

  it("refuses an empty file, a missing one, and a header of another version", async () => {
    expect((await refusal("")).what).toBe("it is empty");
    expect((await refusal("\n\n")).what).toBe("it is empty");
    await expect(readHistory(join(folder, "nowhere"))).rejects.toThrow(/no such history/);
    const other = header.replace(`"version":1`, `"version":2`);
    expect((await refusal(`${other}\n`)).what).toMatch(/the header's version/);
  });

  it("reads the history of another system, without header and numbers", async () => {
    const enqueue = { t: 0, op: "enqueue", type: "ok", detail: { jobs: [[1, 3]] } };
    const claim = { t: 5, bot: 4, op: "claim", type: "ok", job: 1, attempt: null };
    const history = await read(`${JSON.stringify(enqueue)}\n${JSON.stringify(claim)}\n`);
    expect(history.header.foreign).toBe(true);
    expect(history.header.plan.rounds).toHaveLength(1);
    expect(history.header.plan.rounds[0]?.strategy).toBe("unnamed");
    expect(history.header.plan.scenario.jobs.count).toBe(3);
    expect(history.header.plan.scenario.bots.count).toBe(1);
    expect(history.events.event(1)).toEqual({
      i: 1,
      t: 5,
      op: "claim",
      type: "ok",
      bot: 4,
      job: 1,
    });
  });

  it("takes a header with nothing but format and version", async () => {
    const history = await read(`{"format":"doubletake-history","version":1}\n${invoke(0)}\n`);
    expect(history.header.foreign).toBe(true);
    expect(history.events.length).toBe(1);
  });

  it("reads lines that end in CR LF, behind a byte order mark", async () => {
    const history = await read(`\uFEFF${header}\r\n${invoke(0)}\r\n`);
    expect(numbers(history)).toEqual([0]);
    expect(history.header.foreign).toBeUndefined();
  });

  it("reads lines that lie across the chunks of the file", async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => invoke(i));
    const history = await read([header, ...lines, ""].join("\n"));
    expect(history.events.length).toBe(20_000);
    expect(history.warnings).toEqual([]);
  });
});
