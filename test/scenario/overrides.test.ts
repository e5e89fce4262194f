import { describe, expect, it, test } from "vitest";
import { withOverrides } from "../../src/scenario/overrides.ts";
import type { Overrides } from "../../src/scenario/overrides.ts";
import { scenarioWith } from "./example.ts";

const compared = scenarioWith(
  "strategies: { subjects: [skip-locked], controls: [naive, racy] }",
  "seed: 1",
  "faults: [{ fault: disconnect, from: 20s, every: 1s }]",
  "expect: [skip-locked.toClaim.p99 < 1s, naive.claims.granted > 0]",
);

test("without options the scenario is as it was", () => {
  expect(withOverrides(compared, {})).toEqual(compared);
});

test("options win over the file", () => {
  const before = structuredClone(compared);
  const after = withOverrides(compared, {
    seed: 9,
    repeat: 4,
    loadMs: 30_000,
    postgres: "docker",
    toxiproxy: "binary",
  });
  expect(after).toEqual({
    ...compared,
    seed: 9,
    repeat: 4,
    deadlines: { ...compared.deadlines, loadMs: 30_000 },
    environment: { ...compared.environment, postgres: "docker", toxiproxy: "binary" },
  });
  expect(compared).toEqual(before);
});

describe("strategies", () => {
  it("replace the subjects, the controls stay", () => {
    expect(withOverrides(compared, { strategies: ["./my/claim.sql"] }).strategies).toEqual({
      subjects: ["./my/claim.sql"],
      controls: ["naive", "racy"],
    });
  });

  it("that are controls are judged as subjects", () => {
    expect(withOverrides(compared, { strategies: ["naive"] }).strategies).toEqual({
      subjects: ["naive"],
      controls: ["racy"],
    });
  });

  it("take the expectations about those they replace with them, which is kept", () => {
    const after = withOverrides(compared, { strategies: ["naive"] });
    expect(after.expect.map(({ text }) => text)).toEqual(["naive.claims.granted > 0"]);
    expect(after.leftOut?.map(({ text }) => text)).toEqual(["skip-locked.toClaim.p99 < 1s"]);
    expect(withOverrides(compared, { strategies: ["skip-locked"] }).leftOut).toEqual([]);
  });

  it("may be called like a control only if they are it", () => {
    expect(() => withOverrides(compared, { strategies: ["./naive.sql"] })).toThrow(
      'strategy "naive" is both subject and control',
    );
  });
});

test("a seedless scenario stays without a seed", () => {
  expect(withOverrides(scenarioWith(), { repeat: 2 })).not.toHaveProperty("seed");
});

describe("options that make a scenario impossible", () => {
  it.each<[string, Overrides, string]>([
    ["a load that ends before a fault", { loadMs: 10_000 }, "x.yaml:7:10: fault"],
    ["no proxy for a fault on a link", { toxiproxy: "off" }, "x.yaml:7:10: fault"],
    ["a strategy twice", { strategies: ["a", "a"] }, 'x.yaml: strategy "a" stands twice'],
    ["no strategy", { strategies: [] }, "--strategy: must have at least 1 entries"],
    ["an empty name", { strategies: [""] }, "--strategy: must have at least 1 characters"],
    ["no rounds", { repeat: 0 }, "--rounds: must be at least 1"],
    ["half a seed", { seed: 0.5 }, "--seed: expected a whole number"],
    ["no time", { loadMs: 0 }, "--duration: must be more than 0"],
    ["another database", { postgres: "mysql://u:secret@h/d" }, "--postgres: not a PostgreSQL"],
    ["another proxy", { toxiproxy: "nginx" }, "--toxiproxy: not a Toxiproxy to use"],
  ])("%s", (_what, overrides, message) => {
    expect(() => withOverrides(compared, overrides)).toThrow(message);
    expect(() => withOverrides(compared, overrides)).not.toThrow("secret");
  });

  it("settings for a server that is not ours", () => {
    const tuned = scenarioWith("environment: { settings: { fsync: off } }");
    expect(() => withOverrides(tuned, { postgres: "postgres://h/d" })).toThrow(
      "x.yaml: settings cannot be changed on a server that is not ours",
    );
  });
});
