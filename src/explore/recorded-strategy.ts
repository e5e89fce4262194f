import { parseSqlFile } from "../service/sql-file.ts";
import { loadStrategy, parseStrategy } from "../service/strategy.ts";
import type { Strategy } from "../service/strategy.ts";
import type { Counterexample } from "./counterexample.ts";

/** From the recorded text, whatever has become of the file; what it replaces of the lifecycle is doubletake's own. */
export function strategyOf({ strategy }: Counterexample): Strategy {
  const [name = "", ...variants] = strategy.reference.split("+");
  const read = parseStrategy(parseSqlFile(name, strategy.sql));
  if (variants.length === 0) return read;
  const { lifecycle } = loadStrategy(["skip-locked", ...variants].join("+"));
  return { ...read, ...(lifecycle === undefined ? {} : { lifecycle }) };
}
