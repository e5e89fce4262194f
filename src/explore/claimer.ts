import { existsSync } from "node:fs";
import { basename } from "node:path";
import { HarnessError } from "../base/harness-error.ts";
import { loadStrategy } from "../service/strategy.ts";
import type { Strategy } from "../service/strategy.ts";

/** What is explored: the statements of a strategy, on the reference tables; or code of the user's, on tables of its own. */
export type Claimer = Strategy | QueueFile;

/** A queue in a module: the same file as `run --target` takes. It says nothing of itself. */
export class QueueFile {
  readonly verdict = null;
  readonly summary = "a queue in a module";
  readonly name: string;
  readonly file: string;

  constructor(file: string) {
    this.file = file;
    this.name = basename(file).replace(/\.[cm]?js$/, "");
  }
}

/** A module where the name is that of a JavaScript file, else a strategy. HarnessError (usage) where there is none. */
export function loadClaimer(reference: string): Claimer {
  if (!/\.[cm]?js$/.test(reference)) return loadStrategy(reference);
  if (existsSync(reference)) return new QueueFile(reference);
  const hint = "name a module whose default export opens a queue, as `run --target` takes it";
  throw new HarnessError({ kind: "usage", what: "there is no such file", where: reference, hint });
}
