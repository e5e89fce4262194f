import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { checksPage, checksWithoutNeeds } from "./checks-page.ts";
import { rows } from "./rows.ts";

it("docs/checks.md says what the checks say, and what is known to break them", async () => {
  expect(checksWithoutNeeds()).toEqual([]);
  await expect(checksPage(rows)).toMatchFileSnapshot(join(packageRoot, "docs/checks.md"));
});
