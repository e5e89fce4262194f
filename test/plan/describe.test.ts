import { describe, expect, it, test } from "vitest";
import { describeFault, describeLoad, describePlan } from "../../src/plan/describe.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { scenarioWith } from "../scenario/example.ts";

describe("a fault in one line", () => {
  it.each([
    ["{ fault: kill-connection, every: 250ms }", "every 250ms, state mid-transaction"],
    [
      "{ fault: disconnect, every: 1s, jitter: 0.2, from: 2s, to: 9s }",
      "every 1s ±20% from 2s to 9s, link postgres",
    ],
    ["{ fault: disconnect, at: 1.5s }", "at 1.5s, link postgres"],
    [
      "{ fault: toxic, type: latency, attributes: { latency: 20, jitter: 10 }, to: 5s }",
      "from 0s to 5s, link postgres, type latency, latency 20 jitter 10",
    ],
    [
      "{ fault: toxic, type: latency, after: 1 claims, for: 2s, when: 3 claims in flight }",
      "after 1 claim, for 2s, when 3 claims in flight, link postgres, type latency",
    ],
    [
      "{ fault: disconnect, every: 1s, probability: 0.5, only: controls }",
      "every 1s, with probability 0.5, controls only, link postgres",
    ],
    ["{ fault: toxic, type: timeout, from: 1s }", "at 1s, link postgres, type timeout"],
  ])("%s", (line, text) => {
    const [fault] = scenarioWith(`faults: [${line}]`).faults;
    expect(fault && describeFault(fault)).toBe(text);
  });
});

test.each([
  ["load: { kind: drain }", "drain 10 jobs, 5 bots on a connection each"],
  ["load: { kind: rounds, waves: 3 }", "3 waves of 10 jobs, 5 bots on a connection each"],
  ["jobs: { count: 1, work: 5ms }", "drain 1 job, 5ms of work each, 5 bots on a connection each"],
  ["bots: { count: 5, connections: 2 }", "drain 10 jobs, 5 bots on 2 shared connections"],
  [
    "bots: { count: 5, wake: { by: notify, poll: 1s } }",
    "drain 10 jobs, 5 bots on a connection each, told of jobs, asking after 1s",
  ],
  [
    "bots: { count: 5, wake: { by: poll, controls: { by: notify, reconnect: false } } }",
    "drain 10 jobs, 5 bots on a connection each, asking again (controls: told of jobs, by a listener that stays lost)",
  ],
])("%s is %s", (line, text) => {
  expect(describeLoad(scenarioWith(line))).toBe(text);
});

test("a run that may end before its last round says when, and with which intervals", () => {
  const scenario = scenarioWith(
    "strategies: { subjects: [skip-locked], controls: [naive] }",
    "repeat: { min: 6, max: 24 }",
  );
  const plan = makePlan(scenario, 4);
  expect(plan.rounds).toHaveLength(48);
  expect(describePlan(plan)).toContain(
    "each strategy 6 to 24 times: ends after 6, 10, 16 if every comparison of claims/s is decided, with intervals of 98.2 %",
  );
});

test.each([
  ["{ email: 8, report: 1 }", "types: email 88.9 %, report 11.1 %"],
  ["{ zipf: 1, types: [a, b, c] }", "types: a 54.5 %, b 27.3 %, c 18.2 %"],
])("types %s are told with their shares", (types, line) => {
  const plan = makePlan(scenarioWith(`jobs: { count: 10, types: ${types} }`), 4);
  expect(describePlan(plan).split("\n")).toContain(line);
});

test("a plan is a timed list", () => {
  const scenario = scenarioWith(
    "description: Does it hold?",
    "strategies: { subjects: [skip-locked], controls: [naive] }",
    "repeat: 2",
    "deadlines: { load: 3s }",
    "faults: [{ fault: toxic, type: latency, to: 2s }, { fault: disconnect, every: 1s }]",
    "expect: [skip-locked.toClaim.p99 < 1s]",
  );
  const plan = makePlan(scenario, 4);
  const [first, second] = plan.rounds;
  const named = {
    "skip-locked": "(subject, with constraints)",
    naive: "(control, without constraints)",
  };
  const a = `${first?.strategy} ${named[first?.strategy as "naive"]}`;
  const b = `${second?.strategy} ${named[second?.strategy as "naive"]}`;
  const times = `     0.000s  inject toxic-1: link postgres, type latency
     1.000s  inject disconnect-1: link postgres
     2.000s  heal   toxic-1
     2.000s  inject disconnect-1: link postgres`;
  expect(describePlan(plan)).toBe(`smallest, seed 4
Does it hold?
load: drain 10 jobs, 5 bots on a connection each
each round: load at most 3s, drain at most 30s, a statement at most 10s

round 1  ${a}, repeat 1
${times}
round 2  ${b}, repeat 1
  the same faults
round 3  ${b}, repeat 2
${times}
round 4  ${a}, repeat 2
  the same faults

expected:
  skip-locked.toClaim.p99 < 1s
`);
});

test("a plan of many moments is cut short, and shows no password", () => {
  const scenario = scenarioWith(
    "faults: [{ fault: kill-connection, every: 100ms }]",
    'environment: { postgres: "postgres://u:secret@h/d" }',
  );
  const text = describePlan(makePlan(scenario, 1));
  expect(text).toContain("… and 559 more moments");
  expect(text.split("\n").length).toBeLessThan(60);
  expect(text).not.toContain("secret");
});

test("a plan also lists what waits for something else than a time, and what was not drawn", () => {
  const text = describePlan(
    makePlan(
      scenarioWith(
        "strategies: { subjects: [skip-locked], controls: [naive] }",
        "deadlines: { load: 3s }",
        `faults:
  - { fault: toxic, type: latency, after: 50 claims, for: 200ms }
  - { fault: disconnect, at: 1s, when: mid-transaction, only: subjects }
  - { fault: toxic, type: timeout, every: 1s, for: 100ms }
  - { fault: disconnect, at: 2s, probability: 0.000001 }`,
      ),
      1,
    ),
  );
  expect(text).toContain(
    "  after 50 claims  inject toxic-1 for 200ms: link postgres, type latency",
  );
  expect(text).toContain("   1.000s  inject disconnect-1 when mid-transaction: link postgres");
  expect(text).toContain("   1.000s  inject toxic-2: link postgres, type timeout");
  expect(text).toContain("   1.100s  heal   toxic-2");
  expect(text).toContain("not drawn  inject disconnect-2");
  expect(text.match(/disconnect-1/g)).toHaveLength(1);
});
