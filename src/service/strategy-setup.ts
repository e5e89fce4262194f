import { HarnessError } from "../base/harness-error.ts";
import { adoptTable } from "./adopt-table.ts";
import type { ControlDatabase } from "./control-database.ts";
import type { SqlBlock } from "./sql-file.ts";
import type { Strategy } from "./strategy.ts";

/** What a strategy brings to the database beside its statements. */
export type StrategySetUp = Pick<Strategy, "file" | "setup" | "tables">;

/**
 * Runs a strategy's set-up in the schema of the run, in which the reference tables stand, and puts the tables it brings
 * in their place. HarnessError (usage) with `file:line` where it does not go.
 */
export async function setUpStrategy(
  control: ControlDatabase,
  { file, setup, tables }: StrategySetUp,
): Promise<void> {
  for (const block of setup) await runBlock(control, file, block);
  for (const mapping of tables) await adoptTable(control, mapping);
}

/** The statements of a block are one transaction, as PostgreSQL has it for statements that are sent together. */
async function runBlock(control: ControlDatabase, file: string, block: SqlBlock): Promise<void> {
  try {
    await control.query(block.sql);
  } catch (cause) {
    const error = cause as Error & { position?: string; hint?: string };
    const before = block.sql.slice(0, Number(error.position ?? "1") - 1);
    throw new HarnessError({
      kind: "usage",
      what: `setup: ${error.message}`,
      where: `${file}:${block.line + before.split("\n").length - 1}`,
      hint: error.hint ?? "it is run once the tables of sql/schema.sql are there",
      cause,
    });
  }
}
