import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findPgbench, readPgbenchRate } from "../../src/bench/pgbench.ts";

const output = (processed: string, failed = 0): string => `number of clients: 2
number of transactions actually processed: ${processed}
number of failed transactions: ${failed} (0.000%)
latency average = 1.2 ms
tps = 4479.554864 (without initial connection time)
`;

describe("what pgbench prints", () => {
  it("is a rate where all of the work was done", () => {
    expect(readPgbenchRate(output("100/100"), 100)).toBe(4479.554864);
  });

  it.each([
    ["clients were aborted", output("60/100"), "60 of 100"],
    ["transactions failed", output("100/100", 3), "100 of 100"],
    ["it did not even begin", "connection to server failed", "none of 100"],
  ])("is no rate where %s", (_why, text, message) => {
    expect(() => readPgbenchRate(text, 100)).toThrow(message);
  });
});

describe("pgbench", () => {
  it("is found on the path, else in the newest of Debian's packages, else not", () => {
    const folder = mkdtempSync(join(tmpdir(), "doubletake-bench-"));
    try {
      const install = (...path: string[]): string => {
        const bin = join(folder, ...path);
        mkdirSync(bin, { recursive: true });
        writeFileSync(join(bin, "pgbench"), "");
        return join(bin, "pgbench");
      };
      const packages = join(folder, "postgresql");
      expect(findPgbench(join(folder, "bin"), packages)).toBeUndefined();
      install("postgresql", "9", "bin");
      const newest = install("postgresql", "15", "bin");
      expect(findPgbench(join(folder, "bin"), packages)).toBe(newest);
      const onPath = install("bin");
      expect(findPgbench(join(folder, "bin"), packages)).toBe(onPath);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
