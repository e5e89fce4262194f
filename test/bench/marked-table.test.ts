import { expect, it } from "vitest";
import { replaceTable } from "../../src/bench/marked-table.ts";

const marked = (name: string, table: string): string =>
  `<!-- the table of reports/baselines/${name}.json -->\n${table}\n<!-- end of the table -->`;

it("takes the place of the table of its own name, and of no other", () => {
  const page = (second: string): string =>
    `# a page\n${marked("one", "1")}\n${marked("two", second)}\n`;
  expect(replaceTable(page("old"), "two", "new")).toBe(page("new"));
});

it("needs a place in the page, or the page is refused", () => {
  expect(() => replaceTable("# a page", "one", "table")).toThrow("no place for the table of one");
  const open = "<!-- the table of reports/baselines/one.json -->";
  expect(() => replaceTable(`<!-- end of the table -->\n${open}`, "one", "table")).toThrow(
    "no place",
  );
});
