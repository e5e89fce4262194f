import { describe, expect, it } from "vitest";
import { faults } from "../../src/chaos/faults.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";
import type { Scenario } from "../../src/scenario/scenario.ts";
import { wakeOf } from "../../src/scenario/wake.ts";

function read(wake: string, more = "load: { kind: drain }"): Scenario {
  const text = `name: told
strategies: { subjects: [skip-locked] }
jobs: { count: 10 }
bots: { count: 4${wake === "" ? "" : `, wake: { ${wake} }`} }
${more}
`;
  return readScenario({ file: "told.yaml", text }, faults);
}

describe("bots.wake", () => {
  it("is absent where the file does not say, and bots ask as they always did", () => {
    expect(read("").bots).not.toHaveProperty("wake");
    expect(wakeOf(read(""), "subject")).toBeUndefined();
  });

  it("fills in what a listener does by default: it comes back, and the bots catch up", () => {
    const wake = { kind: "notify", reconnect: true, catchUp: true };
    expect(read("by: notify").bots.wake).toEqual({ subject: wake, control: wake });
    expect(wakeOf(read("by: notify, poll: 2s"), "subject")).toEqual({ ...wake, pollMs: 2000 });
  });

  it("a listener that stays lost catches up with nothing", () => {
    const wake = { kind: "notify", reconnect: false, catchUp: false };
    expect(wakeOf(read("by: notify, reconnect: false"), "subject")).toEqual(wake);
  });

  it("polls at an interval, and controls may do it otherwise", () => {
    const { wake } = read("by: poll, poll: 1s, controls: { by: notify, catchUp: false }").bots;
    expect(wake).toEqual({
      subject: { kind: "poll", everyMs: 1000 },
      control: { kind: "notify", reconnect: true, catchUp: false },
    });
  });

  it.each([
    ["poll: 1s", undefined, /told\.yaml:4:\d+.*by/s],
    ["by: poll, reconnect: false", undefined, /told\.yaml:4:\d+.*bots that wait to be told/s],
    ["by: poll, catchUp: true", undefined, /bots that wait to be told/],
    ["by: notify, reconnect: false, catchUp: true", undefined, /so nobody catches up/],
    [
      "by: notify, controls: { by: notify, reconnect: false, catchUp: true }",
      undefined,
      /so nobody catches up/,
    ],
    ["by: notify, polls: 1s", undefined, /did you mean "poll"/],
    ["by: notify, poll: 0s", undefined, /told\.yaml:4/],
    ["by: notify", "load: { kind: rounds, waves: 2 }", /with load kind rounds/],
    ["by: notify", "load: { kind: arrival-rate, rate: 9, for: 1s }", /load kind arrival-rate/],
    ["by: notify", "load: { kind: drain }\ntarget: { kind: http }", /only the reference service/],
  ])("refuses %s, %s", (wake, more, message) => {
    expect(() => read(wake, more)).toThrow(message);
  });
});
