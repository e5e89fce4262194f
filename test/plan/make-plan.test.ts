import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { makePlan } from "../../src/plan/make-plan.ts";
import { scenarioWith } from "../scenario/example.ts";

const two = "strategies: { subjects: [skip-locked], controls: [naive] }";

test("rounds run A B B A, and every strategy gets its role and constraints", () => {
  const { rounds } = makePlan(scenarioWith(two, "repeat: 4"), 1);
  const order = rounds.map(({ strategy }) => strategy);
  const [a, b] = order;
  expect(new Set([a, b])).toEqual(new Set(["skip-locked", "naive"]));
  expect(order).toEqual([a, b, b, a, a, b, b, a]);
  expect(rounds.map(({ round }) => round)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(rounds.map(({ repeat }) => repeat)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  for (const { strategy, role, constraints } of rounds) {
    const subject = strategy === "skip-locked";
    expect({ role, constraints }).toEqual({
      role: subject ? "subject" : "control",
      constraints: subject,
    });
  }
});

test("who begins is drawn from the seed", () => {
  const scenario = scenarioWith(two);
  const begins = Array.from(
    { length: 40 },
    (_, seed) => makePlan(scenario, seed).rounds[0]?.strategy,
  );
  expect(new Set(begins)).toEqual(new Set(["skip-locked", "naive"]));
});

test.each([
  ["all", [true, true]],
  ["none", [false, false]],
])("constraints: %s", (constraints, expected) => {
  const { rounds } = makePlan(scenarioWith(two, `constraints: ${constraints}`), 1);
  expect(rounds.map((round) => round.constraints)).toEqual(expected);
});

test("rounds of a repeat share their seed and the moments of their faults, repeats do not", () => {
  const fault = "faults: [{ fault: disconnect, every: 1s, jitter: 0.5 }]";
  const [first, second, third] = makePlan(scenarioWith(two, "repeat: 2", fault), 7).rounds;
  expect(second?.seed).toBe(first?.seed);
  expect(second?.faults).toEqual(first?.faults);
  expect(third?.seed).not.toBe(first?.seed);
  expect(third?.faults).not.toEqual(first?.faults);
});

test("the scenario's seed is used, another one wins, and one is drawn where there is none", () => {
  expect(makePlan(scenarioWith("seed: 42")).seed).toBe(42);
  expect(makePlan(scenarioWith("seed: 42"), 43).seed).toBe(43);
  const drawn = makePlan(scenarioWith());
  expect(Number.isInteger(drawn.seed)).toBe(true);
  expect(makePlan(scenarioWith(), drawn.seed)).toEqual(drawn);
});

describe("faults", () => {
  const planned = (fault: string, ...more: readonly string[]) =>
    makePlan(scenarioWith(`faults: [${fault}]`, ...more), 3).rounds[0]?.faults[0];

  it("that lasts: injected once, healed at its end or with the load", () => {
    expect(planned("{ fault: toxic, type: latency, from: 2s, to: 5s }")).toMatchObject({
      id: "toxic-1",
      injectAtMs: [2000],
      healAtMs: 5000,
    });
    expect(planned("{ fault: toxic, type: latency }")).toMatchObject({
      injectAtMs: [0],
      healAtMs: null,
    });
  });

  it("at one moment", () => {
    expect(planned("{ fault: disconnect, at: 1.5s }")?.injectAtMs).toEqual([1500]);
    expect(planned("{ fault: disconnect, from: 1.5s }")?.injectAtMs).toEqual([1500]);
    expect(planned("{ fault: disconnect }")?.injectAtMs).toEqual([0]);
  });

  it("again and again, up to its end or the load's deadline", () => {
    expect(planned("{ fault: disconnect, every: 700ms, to: 3s }")?.injectAtMs).toEqual([
      700, 1400, 2100, 2800,
    ]);
    expect(
      planned("{ fault: disconnect, every: 1s, from: 2s }", "deadlines: { load: 5s }"),
    ).toMatchObject({
      injectAtMs: [3000, 4000],
    });
    expect(
      planned("{ fault: disconnect, every: 1s, to: 1h }", "deadlines: { load: 2500ms }")
        ?.injectAtMs,
    ).toEqual([1000, 2000]);
  });

  it("that are moments are never healed before the load ends", () => {
    expect(planned("{ fault: disconnect, every: 1s, to: 3s }")).toMatchObject({
      injectAtMs: [1000, 2000],
      healAtMs: null,
    });
  });

  it("are numbered within their kind", () => {
    const faults =
      "faults: [{ fault: disconnect }, { fault: kill-connection }, { fault: disconnect, at: 1s }]";
    const ids = makePlan(scenarioWith(faults), 1).rounds[0]?.faults.map(({ id }) => id);
    expect(ids).toEqual(["disconnect-1", "kill-connection-1", "disconnect-2"]);
  });

  it("with jitter keep their rate, their order and their bounds", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 100 }), (seed, percent) => {
        const jitter = percent / 100;
        const fault = `faults: [{ fault: disconnect, every: 100ms, from: 1s, to: 9s, jitter: ${jitter} }]`;
        const moments = makePlan(scenarioWith(fault), seed).rounds[0]?.faults[0]?.injectAtMs ?? [];
        expect(moments).toEqual(moments.toSorted((a, b) => a - b));
        expect(moments.length).toBeGreaterThanOrEqual(78);
        expect(moments.length).toBeLessThanOrEqual(79);
        for (const atMs of moments) {
          expect(atMs).toBeGreaterThanOrEqual(1000);
          expect(atMs).toBeLessThan(9000);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test("jitter shifts each moment by at most its part of the interval, and the shifts do not add up", () => {
  const fault = "faults: [{ fault: disconnect, every: 100ms, to: 9s, jitter: 0.4 }]";
  const moments = makePlan(scenarioWith(fault), 1).rounds[0]?.faults[0]?.injectAtMs ?? [];
  const shifts = moments.map((atMs, index) => atMs - (index + 1) * 100);
  expect(shifts).toHaveLength(89);
  expect(Math.max(...shifts)).toBeLessThanOrEqual(40);
  expect(Math.min(...shifts)).toBeGreaterThanOrEqual(-40);
  expect(Math.max(...shifts) - Math.min(...shifts)).toBeGreaterThan(60);
});

test("the same scenario and seed give the same plan", () => {
  const fault =
    "faults: [{ fault: disconnect, every: 300ms, jitter: 1 }, { fault: kill-connection, every: 1s, jitter: 0.1 }]";
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 6 }), (seed, repeat) => {
      const scenario = scenarioWith(two, `repeat: ${repeat}`, fault);
      expect(makePlan(scenario, seed)).toEqual(makePlan(structuredClone(scenario), seed));
    }),
    { numRuns: 50 },
  );
});

test("another fault in front does not move the moments of the others of its kind's number", () => {
  const kill = "{ fault: kill-connection, every: 300ms, jitter: 1 }";
  const alone = makePlan(scenarioWith(`faults: [${kill}]`), 5).rounds[0]?.faults[0];
  const behind = makePlan(scenarioWith(`faults: [{ fault: disconnect }, ${kill}]`), 5).rounds[0]
    ?.faults[1];
  expect(behind?.injectAtMs).toEqual(alone?.injectAtMs);
});

describe("what is not a time", () => {
  const planOf = (fault: string, ...more: readonly string[]) =>
    makePlan(scenarioWith(`faults: [{ ${fault} }]`, ...more), 3);

  it("a number of claims stands in place of the moments", () => {
    const fault = planOf("fault: disconnect, after: 100 claims").rounds[0]?.faults[0];
    expect(fault).toMatchObject({ afterClaims: 100, injectAtMs: [] });
  });

  it("a probability keeps that part of the moments, the same for the same seed", () => {
    const line = "fault: disconnect, every: 10ms, probability: 0.3, to: 30s";
    const moments = planOf(line).rounds[0]?.faults[0]?.injectAtMs ?? [];
    expect(moments.length / 3000).toBeCloseTo(0.3, 1);
    expect(planOf(line).rounds[0]?.faults[0]?.injectAtMs).toEqual(moments);
  });

  it("a probability may leave a fault out of some repeats, which then plan no moment for it", () => {
    const plan = planOf("fault: disconnect, after: 9 claims, probability: 0.5", "repeat: 40");
    const drawn = plan.rounds.filter(({ faults }) => faults[0]?.afterClaims === 9);
    expect(drawn.length).toBeGreaterThan(5);
    expect(drawn.length).toBeLessThan(35);
  });

  it("rounds of a role that is left out do not have the fault", () => {
    const both = "strategies: { subjects: [skip-locked], controls: [naive] }";
    const { rounds } = planOf("fault: disconnect, at: 1s, only: controls", both);
    const met = rounds.filter(({ faults }) => faults.length === 1);
    expect(met.map(({ role }) => role)).toEqual(["control"]);
  });
});
