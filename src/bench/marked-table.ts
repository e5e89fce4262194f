import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../base/package-root.ts";

const end = "<!-- end of the table -->";

/** The page with the table of a baseline between its two marks. Throws where the page has no place for it. */
export function replaceTable(page: string, baseline: string, table: string): string {
  const begin = `<!-- the table of reports/baselines/${baseline}.json -->`;
  const from = page.indexOf(begin);
  const to = from < 0 ? -1 : page.indexOf(end, from);
  if (to < 0) throw new Error(`the page has no place for the table of ${baseline}`);
  return `${page.slice(0, from)}${begin}\n${table}\n${page.slice(to)}`;
}

/** `page`: a file below the root of the package, such as docs/performance.md. */
export function writeTable(page: string, baseline: string, table: string): void {
  const file = join(packageRoot, page);
  writeFileSync(file, replaceTable(readFileSync(file, "utf8"), baseline, table));
}

export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const lines = [head, head.map(() => "---"), ...body];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
