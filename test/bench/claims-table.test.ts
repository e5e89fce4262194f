import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { claimsTable, replaceTable } from "../../src/bench/claims-table.ts";
import type { ClaimsBaseline } from "../../src/bench/claims-table.ts";

const read = (...path: string[]): string => readFileSync(join(packageRoot, ...path), "utf8");

const baseline = JSON.parse(read("reports", "baselines", "original-claims.json")) as ClaimsBaseline;

describe("the table of the original's claims", () => {
  it("is that of the committed baseline", () => {
    const page = read("docs", "performance.md");
    expect(page).toBe(replaceTable(page, claimsTable(baseline)));
    expect(baseline.rows).toHaveLength(6);
  });

  it("says yes only where the whole interval does", () => {
    const [row] = baseline.rows;
    if (row === undefined) throw new Error("the baseline is empty");
    const cell = (low: number, high: number): string => {
      const throughput = { ratio: 2.5, low, high };
      const table = claimsTable({ ...baseline, rows: [{ ...row, throughput }] });
      return table.split("\n")[2]?.split("|")[3]?.trim() ?? "";
    };
    expect(cell(2.1, 3)).toBe("2.50× [2.10–3.00] yes");
    expect(cell(1.9, 3)).toBe("2.50× [1.90–3.00] ~");
    expect(cell(1.1, 1.9)).toBe("2.50× [1.10–1.90] no");
  });

  it("has its place in the page, or the page is refused", () => {
    expect(() => replaceTable("# a page", "table")).toThrow("no place for the table");
  });
});
