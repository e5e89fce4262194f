import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { Workplace } from "./command.ts";

/** Every command that a page shows in a block marked `sh`. */
function commandsOf(page: string): string[] {
  const text = readFileSync(join(packageRoot, page), "utf8");
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block ?? "");
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, ""))
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

const docs = readdirSync(join(packageRoot, "docs")).filter((file) => file.endsWith(".md"));
const pages = ["README.md", ...docs.map((file) => `docs/${file}`)];

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
    const lines = [...new Set(pages.flatMap(commandsOf))].filter((line) =>
      line.startsWith("npx doubletake "),
    );
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) {
      const args = line
        .replace("npx doubletake ", "")
        .replaceAll("reports/latest", join(place.reports, "latest"));
      const result = await place.run(...args.split(/\s+/));
      expect({
        line,
        exitCode: result.exitCode,
        stderr: result.exitCode === 0 ? "" : result.stderr,
      }).toEqual({ line, exitCode: 0, stderr: "" });
    }
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
