import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import type { Workplace } from "./command.ts";

/** Every command that a page shows in a block marked `sh`, without comments but "# exits with 1". */
export function commandsOf(page: string): string[] {
  const text = readFileSync(join(packageRoot, page), "utf8");
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block ?? "");
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => line.replace(/\s+#(?! exits with \d+$).*$/, ""))
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
    const [command = "", wanted = "0"] = line.split(/\s+# exits with /);
    const args = command
      .replace("npx doubletake ", "")
      .replaceAll(/\breports\/(latest|explore)/g, (_, name: string) => join(place.reports, name));
    const { exitCode, stderr } = await place.run(...args.split(/\s+/));
    const isAsShown = exitCode === Number(wanted);
    expect({ line, exitCode, stderr: isAsShown ? "" : stderr }).toEqual({
      line,
      exitCode: Number(wanted),
      stderr: "",
    });
  }
}
