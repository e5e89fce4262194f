import { readFileSync } from "node:fs";
import { parseSqlFile } from "../../service/sql-file.ts";
import { loadStrategy, parseStrategy } from "../../service/strategy.ts";
import type { Strategy } from "../../service/strategy.ts";
import { loadClaimer } from "../claimer.ts";
import type { Claimer } from "../claimer.ts";
import type { Counterexample } from "./counterexample.ts";

/**
 * What a recorded schedule is carried out with again. A module is loaded from its file, as it stands now: it needs
 * what it imports, and nobody runs code out of a report. HarnessError (usage) where it is not there.
 */
export function claimerOf(recorded: Counterexample): Claimer {
  if (recorded.module !== undefined) return loadClaimer(recorded.strategy.reference);
  return strategyOf(recorded);
}

/** Its file is not what it was when the schedule was recorded; a strategy's text is in the record. */
export function hasChanged(recorded: Counterexample): boolean {
  if (recorded.module === undefined) return false;
  return readFileSync(recorded.strategy.reference, "utf8") !== recorded.module.text;
}

/** From the recorded text, whatever has become of the file; what it replaces of the lifecycle is doubletake's own. */
export function strategyOf({ strategy }: Counterexample): Strategy {
  const [name = "", ...variants] = strategy.reference.split("+");
  const read = parseStrategy(parseSqlFile(name, strategy.sql));
  if (variants.length === 0) return read;
  const { lifecycle } = loadStrategy(["skip-locked", ...variants].join("+"));
  return { ...read, ...(lifecycle === undefined ? {} : { lifecycle }) };
}
