import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The folder of package.json: two above this file, from `src` and from `dist` alike. */
export const packageRoot = fileURLToPath(new URL("../../", import.meta.url));

/** The version of doubletake itself. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(`${packageRoot}package.json`, "utf8"));
  return (manifest as { version: string }).version;
}

/**
 * The compiled module beside a source module, for worker threads and child processes: Node cannot run TypeScript, so
 * under the tests (which run `src`) a thread is started from `dist`, which `npm test` builds first.
 */
export function compiledModule(importMetaUrl: string, relativePath: string): URL {
  const source = relative(packageRoot, fileURLToPath(new URL(relativePath, importMetaUrl)));
  const compiled = source.replace(/^src([\\/])/, "dist$1").replace(/\.ts$/, ".js");
  return pathToFileURL(join(packageRoot, compiled));
}
