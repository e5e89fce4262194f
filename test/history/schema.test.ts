import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { operations } from "../../src/history/event.ts";
import { parseEvent } from "../../src/history/parse-event.ts";
import { eventSchema, headerSchema, historyJsonSchema } from "../../src/history/schema.ts";
import { HistoryBuilder } from "../histories/builder.ts";

const oddNumber = fc.constantFrom(undefined, null, 0, 1, 2 ** 31, 2 ** 53, -1, 1.5, "7");
const line = fc.record({
  i: oddNumber,
  t: fc.constantFrom(0, 1.5, 12, "12", null, undefined),
  op: fc.constantFrom("claim", "complete", "fault", "round", "enqueue", 3, undefined),
  type: fc.constantFrom("invoke", "ok", "info", "done", undefined),
  bot: oddNumber,
  job: oddNumber,
  attempt: oddNumber,
  code: fc.constantFrom(undefined, null, "23505", 23505),
  detail: fc.constantFrom(
    undefined,
    null,
    {},
    [],
    "text",
    { event: "begin" },
    { jobs: [[1, 2]] },
    { jobs: [[2, 1]] },
    { jobs: [[1, 10 ** 12]] },
    { more: [{ job: 1 }] },
    { more: [{ attempt: 1 }] },
    { jobs: [[1, 2]], keys: [{ key: "a", jobs: [[1, 2]] }] },
    { jobs: [{ job: 1, attempt: 1, bot: 2, isDead: true }] },
    { status: "dead" },
    { status: "pending", retryInMs: -1 },
    { event: "begin", round: 0, strategy: "x", role: "subject", constraints: true },
    { fault: "x", kind: "y", event: "hit" },
  ),
});

describe("history schema", () => {
  it("accepts exactly the lines that the reader takes", () => {
    fc.assert(
      fc.property(line, (value) => {
        const isTaken = parseEvent(value).kind === "event";
        expect(eventSchema.safeParse(value).success).toBe(isTaken);
      }),
      { numRuns: 2000 },
    );
  });

  it("accepts the header of a run", () => {
    const header: unknown = JSON.parse(JSON.stringify(new HistoryBuilder().begin().header()));
    expect(headerSchema.parse(header)).toEqual(header);
  });

  it("is the JSON Schema that the documentation shows", () => {
    const documented = readFileSync(join(packageRoot, "docs", "history.schema.json"), "utf8");
    expect(JSON.parse(documented)).toEqual(historyJsonSchema());
  });

  it("knows every operation", () => {
    const known = operations.filter((op) => {
      const isNote = eventSchema.safeParse({ t: 0, op, type: "info" }).success;
      return isNote || eventSchema.safeParse({ t: 0, op, type: "ok" }).success;
    });
    expect(known).toEqual(operations);
  });
});
