import { z } from "zod";
import { durationMs } from "../../src/scenario/duration.ts";
import type { FaultCatalogue } from "../../src/scenario/fault-catalogue.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";
import type { Scenario } from "../../src/scenario/scenario.ts";

/** Faults as the live half has them, one of each sort, so that these tests depend on none that really exists. */
export const catalogue: FaultCatalogue = {
  toxic: {
    summary: "adds a toxic to a link",
    moment: "span",
    settings: z.object({
      link: z.string().default("postgres"),
      type: z.enum(["latency", "timeout"]),
      attributes: z.record(z.string(), z.number()).default({}),
    }),
  },
  disconnect: {
    summary: "closes the connections of a link",
    moment: "instant",
    settings: z.object({ link: z.string().default("postgres") }),
  },
  "kill-connection": {
    summary: "terminates a backend",
    moment: "instant",
    settings: z.object({
      state: z.enum(["mid-transaction", "any"]).default("mid-transaction"),
      patience: durationMs.optional(),
    }),
  },
};

/** The smallest scenario there is. */
export const smallest = `name: smallest
strategies: { subjects: [skip-locked] }
jobs: { count: 10 }
bots: { count: 5 }
load: { kind: drain }
`;

export function read(text: string): Scenario {
  return readScenario({ file: "x.yaml", text }, catalogue);
}

/** The smallest scenario and what is added to it, top-level keys that it already has replaced. */
export function scenarioWith(...lines: readonly string[]): Scenario {
  return read(textWith(...lines));
}

export function textWith(...lines: readonly string[]): string {
  const added = new Set(lines.map((line) => line.slice(0, line.indexOf(":"))));
  const kept = smallest.split("\n").filter((line) => !added.has(line.slice(0, line.indexOf(":"))));
  return [...kept.filter((line) => line !== ""), ...lines, ""].join("\n");
}
