import { describe, expect, it } from "vitest";
import {
  areDependent,
  endOf,
  everywhere,
  isNothing,
  nothing,
  opaque,
  statementIn,
} from "../../src/explore/footprint.ts";
import type { Footprint, OpenTransaction } from "../../src/explore/footprint.ts";

const jobs = { table: "jobs" };
const bots = { table: "bots" };
const job = (key: number) => ({ table: "jobs", key });

const read: Footprint = { ...nothing, reads: [jobs] };
const write: Footprint = { ...nothing, reads: [jobs], locks: [jobs] };
const commit: Footprint = { ...nothing, publishes: [jobs] };

function within(level: OpenTransaction["level"], more: Partial<OpenTransaction> = {}) {
  return { level, hasBegun: false, isOpaque: false, touched: [], ...more } as OpenTransaction;
}

describe("two steps of different bots", () => {
  it.each([
    ["two plain reads", read, read, false],
    ["a plain read and an uncommitted change", read, write, false],
    ["two commits", commit, commit, false],
    ["a read and the commit of a change", read, commit, true],
    ["two changes of a table", write, write, true],
    ["a change and the commit of another", write, commit, true],
    ["changes of different tables", write, { ...nothing, locks: [bots] }, false],
    [
      "changes of different rows",
      { ...nothing, locks: [job(1)] },
      { ...nothing, locks: [job(2)] },
      false,
    ],
    ["changes of one row", { ...nothing, locks: [job(1)] }, { ...nothing, locks: [job(1)] }, true],
    ["a change of a row and one of any row", { ...nothing, locks: [job(1)] }, write, true],
    [
      "a read of the table and the commit of a row",
      read,
      { ...nothing, publishes: [job(3)] },
      true,
    ],
    ["what is unknown and a read", opaque, read, true],
    ["what is unknown and nothing", opaque, nothing, false],
    ["a snapshot of everything and a commit", { ...nothing, reads: [everywhere] }, commit, true],
  ] as const)("%s: dependent %s", (_name, one, other, expected) => {
    expect(areDependent(one, other)).toBe(expected);
    expect(areDependent(other, one)).toBe(expected);
  });
});

describe("a statement in a transaction", () => {
  const select = { isOpaque: false, reads: [jobs], locks: [], adds: [], publishes: [] };
  const update = { ...select, locks: [jobs] };

  it("looks anew at READ COMMITTED", () => {
    expect(statementIn(within("read committed"), select).reads).toEqual([jobs]);
  });

  it("looks at everything once at REPEATABLE READ, and at nothing later", () => {
    expect(statementIn(within("repeatable read"), select).reads).toEqual([everywhere]);
    const later = within("repeatable read", { hasBegun: true });
    expect(isNothing(statementIn(later, select))).toBe(true);
    expect(statementIn(later, update).locks).toEqual([jobs]);
  });

  it("is in conflict with every change at SERIALIZABLE", () => {
    expect(statementIn(within("serializable"), update)).toEqual(opaque);
    const look = statementIn(within("serializable"), select);
    expect(areDependent(look, look)).toBe(false);
    expect(areDependent(look, opaque)).toBe(true);
  });

  it("is unknown after a statement that was", () => {
    expect(statementIn(within("read committed", { isOpaque: true }), select)).toEqual(opaque);
  });

  it("publishes at its end what it touched, and nothing where it touched nothing", () => {
    const touched = within("read committed", { touched: [jobs] });
    expect(endOf(touched, false).publishes).toEqual([jobs]);
    expect(endOf(touched, true)).toEqual(opaque);
    expect(isNothing(endOf(within("read committed"), true))).toBe(true);
    expect(endOf(within("serializable"), false)).toEqual(opaque);
  });
});
