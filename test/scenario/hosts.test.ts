import { describe, expect, it } from "vitest";
import { faults } from "../../src/chaos/faults.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";
import type { Scenario } from "../../src/scenario/scenario.ts";

function read(bots: string, more = "load: { kind: drain }"): Scenario {
  const text = `name: hosted
strategies: { subjects: [skip-locked] }
jobs: { count: 10 }
bots: { ${bots} }
${more}
`;
  return readScenario({ file: "hosted.yaml", text }, faults);
}

const killing = (fault: string): string => `load: { kind: drain }\nfaults: [{ fault: ${fault} }]`;

describe("bots.hosts", () => {
  it("says how many processes the bots live in; absent or 0: they live in ours", () => {
    expect(read("count: 4, hosts: 2").bots.hosts).toBe(2);
    expect(read("count: 4, hosts: 0").bots).not.toHaveProperty("hosts");
    expect(read("count: 4").bots).not.toHaveProperty("hosts");
  });

  it.each(["rounds, waves: 2", "drain", "duration, for: 1s"])(
    "goes with a load of kind %s",
    (load) => {
      expect(read("count: 4, hosts: 2", `load: { kind: ${load} }`).bots.hosts).toBe(2);
    },
  );

  it("goes with faults that kill and pause bots, and these go with nothing else", () => {
    for (const fault of ["kill-bots", "pause-bots"]) {
      expect(read("count: 4, hosts: 2", killing(fault)).faults).toHaveLength(1);
      expect(() => read("count: 4", killing(fault))).toThrow(
        /processes of their own[^]*bots.hosts: 2/,
      );
    }
  });

  it.each([
    ["count: 2, hosts: 3", undefined, /3 processes, but 2 bots/],
    ["count: 4, hosts: 33", undefined, /must be at most 32/],
    ["count: 4, hosts: 2, connections: 2", undefined, /cannot share connections/],
    [
      "count: 4, hosts: 2",
      "load: { kind: arrival-rate, rate: 10, for: 1s }",
      /with load kind arrival-rate/,
    ],
    [
      "count: 4, hosts: 2",
      "load: { kind: drain }\ntarget: { kind: http }",
      /only the reference service/,
    ],
    [
      "count: 4, hosts: 2",
      "load: { kind: drain }\nenvironment: { pooler: { kind: proxy } }",
      /behind a pooler/,
    ],
    ["count: 4, hosts: 2", killing("clock-offset, by: 1s"), /reaches only bots of our own process/],
    ["count: 4, hosts: 2", killing("slow-work, extra: 1s"), /reaches only bots of our own process/],
  ])("refuses { %s } with %s", (bots, more, message) => {
    expect(() => read(bots, more)).toThrow(message);
  });
});
