import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { witnessLine } from "../../src/history/witness-line.ts";
import { parseWitnessLine } from "../../src/history/witness-parse.ts";
import { witnessJsonSchema, witnessLineSchema } from "../../src/history/witness-schema.ts";
import { WitnessTable } from "../../src/history/witness-table.ts";
import type { NewChange } from "../../src/history/witness-change.ts";

const id = fc.integer({ min: -200, max: 2 ** 40 });
const small = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
const committed = {
  round: fc.nat(1000),
  xid: fc.nat(),
  at: fc.integer({ min: 0, max: 2 ** 50 }),
};
const kind = fc.constantFrom("insert" as const, "update" as const);

const change: fc.Arbitrary<NewChange> = fc.oneof(
  fc.record({
    ...committed,
    of: fc.constant("job" as const),
    kind,
    job: id,
    status: fc.oneof(fc.constantFrom("pending", "claimed"), fc.string({ maxLength: 5 })),
    bot: fc.option(id),
    attempt: small,
  }),
  fc.record({
    ...committed,
    of: fc.constant("job" as const),
    kind: fc.constant("delete" as const),
    job: id,
    status: fc.constant(null),
    bot: fc.constant(null),
    attempt: fc.constant(null),
  }),
  fc.record({
    ...committed,
    of: fc.constant("bot" as const),
    kind: fc.oneof(kind, fc.constant("delete" as const)),
    bot: id,
    job: fc.option(id),
  }),
  fc.record({
    ...committed,
    of: fc.constant("effect" as const),
    job: id,
    attempt: small,
    bot: id,
    value: small,
  }),
);

describe("witness table", () => {
  it("gives back what was put in, across blocks", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 30 }), (changes) => {
        const table = new WitnessTable();
        for (let index = 0; index < 5000; index++) {
          table.push(changes[index % changes.length] as NewChange);
        }
        for (let n = 0; n < 5000; n += 7) {
          expect(table.change(n)).toEqual({ ...changes[n % changes.length], n });
        }
      }),
      { numRuns: 20 },
    );
  });

  it("keeps the numbers of a file that has gaps", () => {
    const table = new WitnessTable();
    const bot = { of: "bot", kind: "update", round: 0, xid: 1, at: 0, bot: 1, job: null } as const;
    for (const n of [0, 1, 7, 8]) table.push(bot, n);
    expect([0, 1, 2, 3].map((index) => table.number(index))).toEqual([0, 1, 7, 8]);
  });

  it("forgets what is cut off, and goes on from there", () => {
    const table = new WitnessTable();
    const bot = { of: "bot", kind: "update", round: 0, xid: 1, at: 0, job: null } as const;
    for (let index = 0; index < 9000; index++) table.push({ ...bot, bot: index });
    table.truncate(4096);
    expect(table.length).toBe(4096);
    expect(table.push({ ...bot, bot: 5 })).toBe(4096);
    expect(table.bot(4095)).toBe(4095);
    expect(table.bot(4096)).toBe(5);
  });

  it("tells nothing from null, also for a bot that points at job -1", () => {
    const table = new WitnessTable();
    const bot = { of: "bot", kind: "update", round: 0, xid: 1, at: 0, bot: 1 } as const;
    table.push({ ...bot, job: -1 });
    table.push({ ...bot, job: null });
    expect(table.job(0)).toBe(-1);
    expect(table.job(1)).toBeNull();
    expect(table.status(0)).toBeNull();
    expect(table.attempt(0)).toBeNull();
  });
});

describe("witness line", () => {
  it("is read back as it was written, by hand and by the schema", () => {
    fc.assert(
      fc.property(change, (put) => {
        const table = new WitnessTable();
        table.push(put);
        const line: unknown = JSON.parse(witnessLine(table, 0));
        expect(parseWitnessLine(line)).toEqual({ kind: "change", change: put, number: 0 });
        expect(witnessLineSchema.safeParse(line).success).toBe(true);
      }),
    );
  });

  it.each([
    { n: 0, round: 0, xid: 1, at: 5, of: "job", kind: "update", job: 1, status: "x", bot: null },
    {
      n: 0,
      round: 0,
      xid: 1,
      at: 5,
      of: "job",
      kind: "took",
      job: 1,
      status: "x",
      bot: 1,
      attempt: 1,
    },
    { n: 0, round: 0, xid: 1, at: "5", of: "bot", kind: "update", bot: 1, job: 1 },
    { n: 0.5, round: 0, xid: 1, at: 5, of: "bot", kind: "update", bot: 1, job: 1 },
    { n: 0, round: -1, xid: 1, at: 5, of: "bot", kind: "update", bot: 1, job: 1 },
    { n: 0, round: 0, xid: 1, at: 5, of: "bot", kind: "update", bot: null, job: 1 },
    { n: 0, round: 0, xid: 1, at: 5, of: "effect", job: 1, attempt: 2 ** 31, bot: 1, value: 1 },
    { of: "round", round: 0, changes: 4, uncertaintyNs: 4 },
    { of: "round", round: 0, changes: 4, isWhole: true, uncertaintyNs: -4 },
    { n: 0, round: 0 },
    [],
    7,
  ])("that is wrong is refused by both: %j", (line) => {
    expect(parseWitnessLine(line).kind).toBe("invalid");
    expect(witnessLineSchema.safeParse(line).success).toBe(false);
  });

  it.each([
    { of: "round", round: 0, changes: 4, isWhole: true, uncertaintyNs: null },
    { of: "round", round: 0, changes: 4, isWhole: false, uncertaintyNs: 12.5, problem: "why" },
  ])("that ends a round is read by both: %j", (line) => {
    expect(parseWitnessLine(line)).toEqual({ kind: "round", note: line });
    expect(witnessLineSchema.safeParse(line).success).toBe(true);
  });

  it("has a JSON Schema", () => {
    expect(witnessJsonSchema()).toHaveProperty("$schema");
  });
});
