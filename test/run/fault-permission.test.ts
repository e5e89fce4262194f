import { describe, expect, it } from "vitest";
import { faults } from "../../src/chaos/faults.ts";
import { neededCapabilities, refuseHarm } from "../../src/run/fault-permission.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";
import type { Scenario } from "../../src/scenario/scenario.ts";

const scenario = (fault: string, postgres: string): Scenario =>
  readScenario(
    {
      file: "x.yaml",
      text: `name: x
strategies: { subjects: [skip-locked] }
jobs: { count: 10 }
bots: { count: 5 }
load: { kind: drain }
environment: { postgres: "${postgres}" }
faults: [{ ${fault} }]
`,
    },
    faults,
  );

const harmful = Object.entries(faults).filter(([, { reach }]) => reach === "server");
const theirs = "postgres://user:secret@db.example/app";

describe("a fault that hurts the whole server", () => {
  it.each(harmful.map(([name]) => name))("%s is refused on a server that is not ours", (name) => {
    const asked = scenario(`fault: ${name}`, theirs);
    expect(() => refuseHarm(asked)).toThrow(`x.yaml:7:10: fault "${name}" would hurt everybody`);
    expect(() => refuseHarm(asked)).toThrow("?disposable=true");
    expect(() => refuseHarm(asked)).not.toThrow("secret");
  });

  it("is let in where the URL says that nobody minds, and on a server of ours", () => {
    for (const postgres of [`${theirs}?disposable=true`, "embedded", "docker"]) {
      expect(() => refuseHarm(scenario("fault: read-only", postgres))).not.toThrow();
    }
    const denied = scenario("fault: read-only", `${theirs}?disposable=false`);
    expect(() => refuseHarm(denied)).toThrow("would hurt everybody");
  });

  it("which are: settings, crashes, failover and slots", () => {
    expect(harmful.map(([name]) => name)).toEqual([
      "restart",
      "failover",
      "lazy-commit",
      "read-only",
      "disk-full",
      "connection-slots",
      "generic-plans",
    ]);
  });
});

it("a fault that stays in our schema is let in anywhere", () => {
  expect(() => refuseHarm(scenario("fault: lock-head", theirs))).not.toThrow();
});

it("a scenario needs what its faults need, beside what it says itself", () => {
  expect(neededCapabilities(scenario("fault: failover", "embedded"))).toEqual([
    "standby",
    "configure",
  ]);
});

it.each([
  ["proxy", "pooling"],
  ["pgbouncer", "pgbouncer"],
])("a scenario needs its pooler: %s", (kind, need) => {
  const asked = scenario("fault: lock-head", `embedded", pooler: { kind: ${kind} }, witness: "off`);
  expect(neededCapabilities(asked)).toEqual([need]);
});
