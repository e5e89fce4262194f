import { expect, it } from "vitest";
import { Workplace } from "../end-to-end/command.ts";
import { doubletakeCommandsOf, expectToWork, pages } from "../end-to-end/page-commands.ts";

it("the commands of all pages work, one after the other", { timeout: 600_000 }, async () => {
  using place = new Workplace();
  const commands = doubletakeCommandsOf(pages);
  expect(commands.length).toBeGreaterThan(doubletakeCommandsOf(["README.md"]).length);
  await expectToWork(place, commands);
  console.log(`commands of the pages: ${commands.length} work`);
});
