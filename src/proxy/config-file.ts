import { readFile } from "node:fs/promises";
import { HarnessError } from "../base/harness-error.ts";
import { populateBody } from "./api/proxy-body.ts";
import type { NewProxy } from "./proxy-collection.ts";

/**
 * The proxies of a config file: a JSON array, as `/populate` takes it. Throws a HarnessError of kind `usage` when it
 * cannot be read or is wrong; Toxiproxy logs that and goes on without the proxies, which is noticed much later.
 */
export async function readConfigFile(path: string): Promise<readonly NewProxy[]> {
  try {
    return populateBody(JSON.parse(await readFile(path, "utf8")) as unknown);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const hint = 'a config file is a JSON array of {"name", "listen", "upstream"}';
    throw new HarnessError({ kind: "usage", what, where: path, hint, cause: error });
  }
}
