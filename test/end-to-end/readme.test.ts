import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { Workplace } from "./command.ts";
import { commandsOf, doubletakeCommandsOf, expectToWork, pages } from "./page-commands.ts";

describe("the README and the docs", () => {
  it("show npm's commands as package.json has them", () => {
    const { scripts } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const used = pages
      .flatMap(commandsOf)
      .flatMap((line) => [...line.matchAll(/npm (?:run )?([a-z:]+)/g)]);
    const names = used
      .map(([, name]) => name ?? "")
      .filter((name) => name !== "ci" && name !== "run");
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("link to files that exist", () => {
    const broken = pages.flatMap((page) => {
      const text = readFileSync(join(packageRoot, page), "utf8");
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(
        ([, target]) => target ?? "",
      );
      return links
        .filter((target) => !isThere(join(packageRoot, page, "..", target)))
        .map((target) => `${page}: ${target}`);
    });
    expect(broken).toEqual([]);
  });

  it("show commands that work, one after the other", { timeout: 180_000 }, async () => {
    using place = new Workplace();
    const commands = doubletakeCommandsOf(["README.md"]);
    expect(commands.length).toBeGreaterThan(4);
    // Those of the other pages take minutes: test/selftest/docs-commands.selftest.ts.
    await expectToWork(place, commands);
  });
});

function isThere(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR";
  }
}
