import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import type { Workplace } from "./command.ts";

/** Every command that a page shows in a block marked `sh`. */
export function commandsOf(page: string): string[] {
  const text = readFileSync(join(packageRoot, page), "utf8");
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block ?? "");
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, ""))
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

const docs = readdirSync(join(packageRoot, "docs")).filter((file) => file.endsWith(".md"));
/** From the root of the package. */
export const pages = ["README.md", ...docs.map((file) => `docs/${file}`)];

/** The commands of ours on some pages, each once, in the order in which a reader meets them. */
export function doubletakeCommandsOf(some: readonly string[]): readonly string[] {
  const lines = some.flatMap(commandsOf).filter((line) => line.startsWith("npx doubletake "));
  return [...new Set(lines)];
}

/** Each of them, one after the other in one place, since some look at what others left. */
export async function expectToWork(place: Workplace, commands: readonly string[]): Promise<void> {
  for (const line of commands) {
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
}
