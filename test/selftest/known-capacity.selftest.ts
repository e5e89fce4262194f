import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import type { RunResult } from "../../src/report/result.ts";
import { Workplace } from "../end-to-end/command.ts";

const queue = join(packageRoot, "test/fixtures/queues/one-server.mjs");

/** The rate before the capacity is a quarter of it, and the one beyond it twice as much: that is no matter of luck. */
const scenario = `name: known-capacity
description: Is the knee where the capacity is?
strategies: { subjects: [one-server] }
target: { kind: module, modules: { one-server: ${queue} } }
jobs: { count: 2000 }
bots: { count: 40 }
load:
  kind: ramp
  stages: [{ rate: 25, for: 2s }, { rate: 50, for: 4s }, { rate: 400, for: 2s }]
`;

it(
  "the knee of a ramp is the last rate below the capacity of a queue that has a known one",
  { timeout: 120_000 },
  async () => {
    using place = new Workplace();
    const file = join(place.path, "known-capacity.yaml");
    writeFileSync(file, scenario);
    process.env["SERVICE_MS"] = "5";
    try {
      const ended = await place.run("run", file, "--json", "--quiet");
      const result = JSON.parse(ended.stdout) as RunResult;
      const ramp = result.strategies[0]?.ramp;
      console.log(
        `known capacity: ${ramp?.stages.map((stage) => stage.claimsPerSecond).join(", ")}`,
      );
      expect(ramp?.stages.map(({ keptUp }) => keptUp)).toEqual([true, true, false]);
      expect(ramp?.kneePerSecond).toBe(50);
      // No more than one claim each 5 ms can have been granted.
      expect(ramp?.stages[2]?.claimsPerSecond).toBeLessThanOrEqual(200);
      expect(ramp?.stages[2]?.claimsPerSecond).toBeGreaterThan(50);
    } finally {
      delete process.env["SERVICE_MS"];
    }
  },
);
