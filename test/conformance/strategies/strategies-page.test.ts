import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../../src/base/package-root.ts";
import { strategyNames } from "../../../src/service/strategy.ts";
import { strategiesPage } from "./strategies-page.ts";

/** `npx vitest run test/conformance/strategies -u` writes it anew. */
it("docs/strategies.md says what the files say", async () => {
  const page = strategiesPage();
  for (const name of strategyNames()) expect(page).toContain(`| [${name}](`);
  await expect(page).toMatchFileSnapshot(join(packageRoot, "docs/strategies.md"));
});
