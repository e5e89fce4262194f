import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { claimsTable, shortClaimsTable } from "../../src/bench/claims-table.ts";
import type { ClaimsBaseline } from "../../src/bench/claims-table.ts";
import { replaceTable } from "../../src/bench/marked-table.ts";

const read = (...path: string[]): string => readFileSync(join(packageRoot, ...path), "utf8");

const baseline = JSON.parse(read("reports", "baselines", "original-claims.json")) as ClaimsBaseline;

describe("the table of the original's claims", () => {
  it.each([
    ["docs/performance.md", claimsTable],
    ["README.md", shortClaimsTable],
  ])("of %s is that of the committed baseline", (file, table) => {
    const page = read(file);
    expect(page).toBe(replaceTable(page, "original-claims", table(baseline)));
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

  it("counts a setting as held only where it says yes", () => {
    const [row] = baseline.rows;
    if (row === undefined) throw new Error("the baseline is empty");
    const throughput = (low: number, high: number) => ({
      ...row,
      throughput: { ratio: 2.5, low, high },
    });
    const rows = [throughput(2.1, 3), throughput(1.9, 3), throughput(1.1, 1.9)];
    const short = shortClaimsTable({ ...baseline, rows });
    expect(short).toContain("| twice the throughput | 2.50× to 2.50× | 1 of 3, 1 undecided |");
    const given = { ...row, duplicates: { fixed: 1, naive: 9 } };
    expect(shortClaimsTable({ ...baseline, rows: [given] })).toContain(
      "1 duplicates, naive 9 | 0 of 1 |",
    );
  });
});
