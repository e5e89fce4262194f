import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { HarnessError } from "../../src/base/harness-error.ts";
import { read, scenarioWith, smallest, textWith } from "./example.ts";

const whole = `# yaml-language-server: $schema=./scenario.schema.json
name: chaos-monkey
description: What breaks?
seed: 42
tags: [nightly]
requires: [decode-wal]
strategies:
  subjects: [skip-locked]
  controls: [naive]
constraints: all
jobs: { count: 2000, work: 5ms }
bots: { count: 20, connections: 4 }
load: { kind: rounds, waves: 3 }
repeat: 3
faults:
  - { fault: toxic, type: latency, attributes: { latency: 20 }, from: 0s, to: 5s }
  - { fault: disconnect, link: postgres, every: 700ms, jitter: 0.2 }
  - fault: kill-connection
    state: any
    at: 1.5s
expect:
  - skip-locked.toClaim.p99 < 100ms
environment:
  postgres: docker
  settings: { fsync: off, work_mem: 64MB, max_connections: 200, jit: false }
  images: { postgres: "postgres:17" }
  witness: audit
deadlines: { load: 2m }
`;

test("a scenario is read whole, with positions", () => {
  expect(read(whole)).toEqual({
    file: "x.yaml",
    name: "chaos-monkey",
    description: "What breaks?",
    seed: 42,
    tags: ["nightly"],
    requires: ["decode-wal"],
    strategies: { subjects: ["skip-locked"], controls: ["naive"] },
    constraints: "all",
    jobs: { count: 2000, workMs: 5 },
    bots: { count: 20, connections: 4 },
    load: { kind: "rounds", waves: 3 },
    repeat: 3,
    faults: [
      {
        kind: "toxic",
        settings: { link: "postgres", type: "latency", attributes: { latency: 20 } },
        moment: "span",
        schedule: { fromMs: 0, toMs: 5000, everyMs: null, jitter: 0 },
        position: { line: 16, column: 5 },
      },
      {
        kind: "disconnect",
        settings: { link: "postgres" },
        moment: "instant",
        schedule: { fromMs: 0, toMs: null, everyMs: 700, jitter: 0.2 },
        position: { line: 17, column: 5 },
      },
      {
        kind: "kill-connection",
        settings: { state: "any" },
        moment: "instant",
        schedule: { fromMs: 1500, toMs: null, everyMs: null, jitter: 0 },
        position: { line: 18, column: 5 },
      },
    ],
    expect: [{ text: "skip-locked.toClaim.p99 < 100ms", position: { line: 22, column: 5 } }],
    environment: {
      postgres: "docker",
      toxiproxy: "embedded",
      settings: { fsync: "off", work_mem: "64MB", max_connections: "200", jit: "off" },
      images: { postgres: "postgres:17", toxiproxy: "ghcr.io/shopify/toxiproxy:2.12.0" },
      witness: "audit",
    },
    deadlines: { loadMs: 120_000, drainMs: 30_000, statementMs: 10_000 },
  });
});

test("everything that may be left out has its default", () => {
  expect(read(smallest)).toEqual({
    file: "x.yaml",
    name: "smallest",
    description: "",
    tags: [],
    requires: [],
    strategies: { subjects: ["skip-locked"], controls: [] },
    constraints: "subjects",
    jobs: { count: 10, workMs: 0 },
    bots: { count: 5, connections: "per-bot" },
    load: { kind: "drain" },
    repeat: 1,
    faults: [],
    expect: [],
    environment: {
      postgres: "embedded",
      toxiproxy: "embedded",
      settings: {},
      images: { postgres: "postgres:18", toxiproxy: "ghcr.io/shopify/toxiproxy:2.12.0" },
      witness: "auto",
    },
    deadlines: { loadMs: 60_000, drainMs: 30_000, statementMs: 10_000 },
  });
});

test("a byte order mark and Windows line ends do not matter", () => {
  expect(read(`\uFEFF${smallest.replaceAll("\n", "\r\n")}`)).toEqual(read(smallest));
});

test("anchors may be used", () => {
  const faults = "faults: [&cut { fault: disconnect, every: 1s }, *cut]";
  expect(scenarioWith(faults).faults.map(({ kind, position }) => ({ kind, position }))).toEqual([
    { kind: "disconnect", position: { line: 6, column: 15 } },
    { kind: "disconnect", position: { line: 6, column: 49 } },
  ]);
});

/** The message of reading a text that must be refused. */
function refusal(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof HarnessError && error.kind === "usage") return error.message;
    throw error;
  }
  return expect.fail("the scenario was read");
}

describe("what is wrong with one key", () => {
  it.each([
    ["strategy: x", 'x.yaml:6:1: unknown key "strategy"', 'did you mean "strategies"?'],
    [
      "strategies: { subject: [a] }",
      'x.yaml:5:15: unknown key "subject"',
      'did you mean "subjects"?',
    ],
    ["jobs: { count: 10, work: 5 }", "x.yaml:5:26: 5 has no unit", "write 5ms or 5s"],
    ["jobs: { count: 10, work: 5 ms }", 'x.yaml:5:26: "5 ms" is not a duration', "5ms, 1.5s, 2m"],
    ["jobs: { count: 10, work: -5ms }", "is not a duration", "number and its unit"],
    ["jobs: { count: 10, work: [5ms] }", "x.yaml:5:26: expected a duration", "number and its unit"],
    ["jobs: { count: 1.5 }", "x.yaml:5:16: expected a whole number, got 1.5", ""],
    ["jobs: { count: 0 }", "x.yaml:5:16: must be at least 1, got 0", ""],
    ["jobs: {}", 'x.yaml:5:7: missing key "count"', ""],
    ["jobs: 7", "x.yaml:5:7: expected a mapping, got 7", ""],
    ["jobs:", "x.yaml:5:1: expected a mapping, got nothing", ""],
    ["bots: { count: 0 }", "x.yaml:5:16: must be at least 1, got 0", ""],
    ["bots: { count: 1001 }", "x.yaml:5:16: must be at most 1000, got 1001", ""],
    ["bots: { count: 1, connections: all }", "x.yaml:5:32: not a number of connections", "per-bot"],
    ["load: { kind: slope }", 'x.yaml:5:15: unknown kind "slope"', "allowed here: rounds, drain"],
    ["load: { waves: 3 }", 'x.yaml:5:7: missing key "kind"', "allowed here: rounds, drain"],
    ["load: { kind: drain, waves: 3 }", 'x.yaml:5:22: unknown key "waves"', "allowed here: kind"],
    ["load: drain", 'expected a mapping, got "drain"', ""],
    ["name: a/b", "x.yaml:5:7: not a name for a scenario", "folders are named after it"],
    ["constraints: subject", 'unknown value "subject"', 'did you mean "subjects"?'],
    ["seed: -1", "x.yaml:6:7: must be at least 0", ""],
    ["deadlines: { load: 0s }", "x.yaml:6:20: must be longer than 0s", ""],
    ["deadlines: { load: 25h }", "x.yaml:6:20: 25h is longer than 24h", ""],
    ["environment: { pooler: { kind: odyssey } }", "not a pooler", "proxy"],
    ["environment: { pooler: { size: 5 }, toxiproxy: off }", "toxiproxy is off", "kind: pgbouncer"],
    ["environment: { toxiproxy: of }", "x.yaml:6:27: not a Toxiproxy to use", "embedded, binary"],
    ['environment: { settings: { "a b": 1 } }', "not the name of a server setting", "letters"],
    ['environment: { settings: { a: "1\\nb" } }', "one line of text", ""],
    ["faults: [17]", "x.yaml:6:10: expected a mapping, got 17", ""],
    ["faults: [{ every: 1s }]", 'x.yaml:6:10: missing key "fault"', "kill-connection"],
    ["faults: [{ fault: toxi }]", 'x.yaml:6:19: unknown fault "toxi"', 'did you mean "toxic"?'],
    ["faults: [{ fault: constructor }]", 'unknown fault "constructor"', "toxic"],
    ["faults: [{ fault: toxic }]", 'x.yaml:6:10: missing key "type"', ""],
    ["faults: [{ fault: toxic, type: latency, to: 5 }]", "x.yaml:6:45: 5 has no unit", "5s"],
    ["faults: [{ fault: disconnect, evry: 1s }]", 'x.yaml:6:31: unknown key "evry"', '"every"'],
    ["faults: [{ fault: disconnect, __proto__: 1 }]", 'unknown key "__proto__"', ""],
    ["faults: [{ fault: kill-connection, patience: 3 }]", "x.yaml:6:46: 3 has no unit", "3ms"],
    ["__proto__: { name: x }", 'unknown key "__proto__"', ""],
    ["expect: [skip-locked.p99 < 1ms]", 'x.yaml:6:10: unknown metric "p99"', "metrics:"],
  ])("%s", (line, what, hint) => {
    const message = refusal(textWith(line));
    expect(message).toContain(what);
    expect(message).toContain(hint);
  });
});

describe("combinations that cannot be run", () => {
  const toxic = "fault: toxic, type: latency";
  const cut = "fault: disconnect";
  it.each([
    ["strategies: {}", "x.yaml:5:13: no subject to judge", "subjects: [skip-locked]"],
    [
      "strategies: { subjects: [a, b], controls: [./b.sql] }",
      'x.yaml:5:44: strategy "b" is both subject and control',
      "keep it in one list",
    ],
    ["strategies: { subjects: [a, a] }", 'x.yaml:5:29: strategy "a" stands twice', "rename"],
    [`faults: [{ ${toxic}, from: 5s, to: 4s }]`, 'x.yaml:6:51: "to" is not after "from"', "later"],
    [`faults: [{ ${toxic}, from: 60s }]`, "x.yaml:6:10: fault", "raise deadlines.load"],
    [
      `faults: [{ ${toxic}, at: 1s }]`,
      'x.yaml:6:41: "at" is for faults that are a moment',
      "from and to",
    ],
    [`faults: [{ ${toxic}, every: 1s }]`, '"every" needs "for"', "for: 200ms"],
    [`faults: [{ ${toxic}, to: 2s, for: 1s }]`, '"to" contradicts "for"', "one or the other"],
    [`faults: [{ ${cut}, for: 1s }]`, '"for" is for faults that last', "over as soon"],
    [
      `faults: [{ ${cut}, after: 9 claims, every: 1s }]`,
      '"every" contradicts "after"',
      "one or the other",
    ],
    [`faults: [{ ${cut}, after: 9 }]`, "expected a number of claims", "after: 100 claims"],
    [
      `faults: [{ ${cut}, after: many claims }]`,
      '"many claims" is not a number of claims',
      "after: 100 claims",
    ],
    [
      `faults: [{ ${cut}, when: busy }]`,
      'x.yaml:6:37: "busy" is not a condition',
      "5 claims in flight",
    ],
    [`faults: [{ ${cut}, probability: 2 }]`, "x.yaml:6:44", ""],
    [`faults: [{ ${cut}, only: naive }]`, 'unknown value "naive"', "subjects"],
    ["steadyState: { claims: 0 }", "x.yaml:6:24", ""],
    [
      `faults: [{ ${cut}, every: 1s, at: 1s }]`,
      'x.yaml:6:31: "every" contradicts "at"',
      "one or the other",
    ],
    [
      `faults: [{ ${cut}, to: 1s }]`,
      'x.yaml:6:31: "to" has no effect without "every"',
      "add every",
    ],
    [`faults: [{ ${cut}, jitter: 1 }]`, '"jitter" has no effect without "every"', "add every"],
    [`faults: [{ ${cut}, every: 2s, to: 1s }]`, "would never be injected", "more often"],
    [`faults: [{ ${cut}, every: 1ms }]`, "injected 60000 times, at most 10000", "less often"],
    [
      `environment: { settings: { fsync: off }, postgres: "postgres://u:secret@h/d" }`,
      "x.yaml:6:16: settings cannot be changed",
      "embedded or docker",
    ],
    ["expect: [naive.claimsPerSecond > 1]", 'x.yaml:6:10: strategy "naive" is not', "skip-locked"],
  ])("%s", (line, what, hint) => {
    const message = refusal(textWith(line));
    expect(message).toContain(what);
    expect(message).toContain(hint);
    expect(message).not.toContain("secret");
  });

  it("a fault on a link, without a proxy", () => {
    const message = refusal(textWith(`faults: [{ ${cut} }]`, "environment: { toxiproxy: off }"));
    expect(message).toBe(
      'x.yaml:6:10: fault "disconnect" needs a link, but toxiproxy is off\n' +
        "  hint: remove the fault, or use toxiproxy: embedded",
    );
    const killing = textWith(
      "faults: [{ fault: kill-connection }]",
      "environment: { toxiproxy: off }",
    );
    expect(read(killing).faults).toHaveLength(1);
  });
});

test("a password in a URL of the wrong sort is not repeated", () => {
  const message = refusal(textWith('environment: { postgres: "mysql://u:secret@h/d" }'));
  expect(message).toContain("x.yaml:6:26: not a PostgreSQL to run on");
  expect(message).not.toContain("secret");
});

test("every problem of a file is told at once, top to bottom", () => {
  const message = refusal(
    textWith(
      "strategy: x",
      "strategies: { subjects: [a], controls: [a] }",
      "faults: [{ fault: toxic, type: slow, from: 3 }, { fault: disconnect, from: 61s, every: 1s }]",
      "expect: [a.p99, b.claimsPerSecond > 1]",
    ),
  );
  expect(message.split("\n").filter((line) => line.startsWith("x.yaml:"))).toEqual([
    'x.yaml:5:1: unknown key "strategy"',
    'x.yaml:6:41: strategy "a" is both subject and control',
    'x.yaml:7:32: unknown value "slow"',
    "x.yaml:7:44: 3 has no unit",
    'x.yaml:7:49: fault "disconnect" begins at 61s, but the load ends by 1m',
    'x.yaml:8:10: "a.p99" compares nothing',
    'x.yaml:8:17: strategy "b" is not in this scenario',
  ]);
});

describe("text that is no scenario", () => {
  const laughs = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    .concat(
      "bcdefg".split("").map((key, i) => `${key}: &${key} [${`*${"abcdef"[i]}, `.repeat(9)}]`),
    )
    .join("\n");
  it.each([
    ["empty", "", "x.yaml:1:1: the file is empty"],
    ["only a comment", "# nothing\n", "the file is empty"],
    ["a text", "hello", "x.yaml:1:1: the file is not a mapping of keys"],
    ["a list", "- a\n- b", "x.yaml:1:1: the file is not a mapping of keys"],
    ["a key twice", "name: a\njobs: 1\nname: b", "x.yaml:3:1: this key stands twice"],
    ["a tab", "jobs:\n\tcount: 1", "x.yaml:2:1: a tab is used as indentation"],
    ["two documents", "name: a\n---\nname: b", "more than one document"],
    ["an open quote", 'name: "x', "x.yaml:1:9: not valid YAML"],
    ["an open bracket", "tags: [a,\nname: x", "not valid YAML"],
    ["an unknown tag", "name: !!js/function x", "not valid YAML"],
    [
      "an alias of nothing",
      "name: *nothing",
      "x.yaml:1:7: *nothing repeats an anchor that does not exist",
    ],
    ["an alias of itself", "tags: &a [x, *a]", "x.yaml:1:14: *a repeats itself without end"],
    ["a billion laughs", laughs, "cannot be expanded"],
    ["deep brackets", `tags: ${"[".repeat(100_000)}`, "x.yaml:1:1: nested deeper than 50 levels"],
    ["deep dashes", `name: x\n${"- ".repeat(5_000)}x`, "x.yaml:2:1: nested deeper than 50 levels"],
    ["a huge file", `name: ${"x".repeat(300_000)}`, "a scenario has at most 256"],
  ])("%s", (_what, text, message) => {
    expect(refusal(text)).toContain(message);
  });
});

test("whatever the text, it is read or refused with a position", () => {
  const marks = `{ } [ ] : , - ? &a *a | " ' # faults expect null ~ 1 1s __proto__ << !!x é😀`;
  const pieces = fc.constantFrom(...marks.split(" "), " ", "\t", "\n", "\u0000");
  const cut = fc.record({
    at: fc.nat(whole.length),
    length: fc.nat(30),
    put: fc.array(pieces, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 3 }), (cuts) => {
      let text = whole;
      for (const { at, length, put } of cuts)
        text = text.slice(0, at) + put.join("") + text.slice(at + length);
      expect(outcome(text)).toMatch(/^(read|x\.yaml:\d+:\d+: )/);
    }),
    { numRuns: 1_000 },
  );
});

function outcome(text: string): string {
  try {
    read(text);
    return "read";
  } catch (error) {
    if (error instanceof HarnessError) return error.message;
    throw error;
  }
}

test("a file full of mistakes is cut short", () => {
  const keys = Array.from({ length: 80 }, (_, i) => `unknown${i}: 1`);
  const lines = refusal(textWith(...keys)).split("\n");
  expect(lines.at(-1)).toBe("… and 30 more problems in x.yaml");
});
