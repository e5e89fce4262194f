import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startClock } from "../../src/base/clock.ts";
import { HarnessError } from "../../src/base/harness-error.ts";
import { waitUntil } from "../../src/base/timer.ts";
import { readHistory } from "../../src/history/reader.ts";
import { createRecorder } from "../../src/history/recorder.ts";
import { HistoryBuilder } from "../histories/builder.ts";

const header = new HistoryBuilder().header();
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubletake-recorder-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("recorder", () => {
  it("writes what the reader reads back, event for event", async () => {
    const file = join(folder, "history.ndjson");
    await using recorder = createRecorder({ file, header, clock: startClock() });
    recorder.record({ op: "claim", type: "invoke", bot: 3, detail: { intendedAt: 5 } });
    recorder.record({
      op: "claim",
      type: "ok",
      bot: 3,
      job: 9,
      attempt: 1,
      detail: { more: [{ job: 10 }] },
    });
    recorder.record({ op: "complete", type: "failed", bot: 3, job: 9, code: `odd "code"` });
    recorder.record({ op: "wave", type: "info", detail: { wave: 0, event: "begin" } });
    await recorder.close();

    const { header: read, events, warnings } = await readHistory(folder);
    expect(read).toEqual(header);
    expect(warnings).toEqual([]);
    const all = (table: typeof events): unknown[] =>
      Array.from({ length: table.length }, (_, index) => table.event(index));
    expect(all(events)).toEqual(all(recorder.table));
    expect(events.event(1)).toMatchObject({ i: 1, op: "claim", type: "ok", bot: 3, job: 9 });
  });

  it("stamps events with its clock, or with the time it is given", async () => {
    const clock = { originNs: 0n, now: () => 1234 };
    await using recorder = createRecorder({ file: join(folder, "h.ndjson"), header, clock });
    expect(recorder.record({ op: "claim", type: "invoke", bot: 1 })).toBe(0);
    expect(recorder.record({ op: "claim", type: "empty", bot: 1, t: 99 })).toBe(1);
    expect([recorder.table.t(0), recorder.table.t(1)]).toEqual([1234, 99]);
  });

  it("writes in the background, so that a run that is killed keeps what it recorded", async () => {
    const file = join(folder, "history.ndjson");
    await using recorder = createRecorder({ file, header, clock: startClock() });
    expect(readFileSync(file, "utf8")).toContain("doubletake-history");
    for (let bot = 0; bot < 5000; bot++) recorder.record({ op: "claim", type: "invoke", bot });
    const isWritten = (): boolean => readFileSync(file, "utf8").split("\n").length === 5002;
    expect(await waitUntil(isWritten, { ms: 20_000, everyMs: 5 })).toBe(true);
  });

  it("keeps everything across many batches and flushes at once", async () => {
    const file = join(folder, "history.ndjson");
    await using recorder = createRecorder({ file, header, clock: startClock() });
    for (let job = 0; job < 10_000; job++) {
      recorder.record({ op: "claim", type: "ok", bot: 1, job });
      if (job % 3000 === 0) void recorder.flush();
    }
    await Promise.all([recorder.flush(), recorder.flush()]);
    const { events } = await readHistory(file);
    expect(events.length).toBe(10_000);
    expect(events.job(9_999)).toBe(9_999);
  });

  it("says so when the disk is full before the run begins", async () => {
    if (!existsSync("/dev/full")) return;
    const clock = startClock();
    const start = (): unknown => createRecorder({ file: "/dev/full", header, clock });
    expect(start).toThrow(/the disk is full/);
  });

  it("surfaces a write error of a later batch once, from flush or close", async () => {
    const file = join(folder, "history.ndjson");
    const recorder = createRecorder({ file, header, clock: startClock() });
    const failing = { ...header, strategies: { naive: "x" } };
    const circular: Record<string, unknown> = { ...failing };
    circular["self"] = circular;
    // A detail that cannot be turned into a line stands for every error of writing.
    recorder.record({ op: "fault", type: "info", detail: circular });
    await expect(recorder.flush()).rejects.toThrow(HarnessError);
    recorder.record({ op: "claim", type: "invoke", bot: 1 });
    await recorder.flush();
    await recorder.close();
    expect(recorder.table.length).toBe(2);
  });

  it("refuses a folder that does not exist with one clear message", () => {
    const file = join(folder, "missing", "history.ndjson");
    const clock = startClock();
    expect(() => createRecorder({ file, header, clock })).toThrow(/its folder does not exist/);
  });

  it("may be closed twice", async () => {
    const recorder = createRecorder({ file: join(folder, "h"), header, clock: startClock() });
    await recorder.close();
    await recorder.close();
    recorder.record({ op: "claim", type: "invoke", bot: 1 });
    expect(recorder.table.length).toBe(1);
  });
});
