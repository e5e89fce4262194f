import type { PoolClient } from "pg";
import { HarnessError } from "../base/harness-error.ts";
import type { ControlDatabase } from "./control-database.ts";
import { describeStatement } from "./describe-statement.ts";
import { claimParameters } from "./strategy.ts";
import type { Strategy, StrategyStep } from "./strategy.ts";

/**
 * Holds a strategy against the tables before any bot runs it: every statement parses, every name it binds is
 * provided by the claim or by an earlier step, and some step names the granted job. HarnessError (usage) with
 * `file:line` else. Returns the names that are known at its end.
 */
export async function checkStrategy(
  control: ControlDatabase,
  strategy: Strategy,
): Promise<ReadonlySet<string>> {
  return await control.withConnection(async (client) => {
    const provided = new Set<string>(claimParameters);
    for (const step of strategy.steps) {
      rejectUnbound(strategy, step, provided);
      for (const column of await columnsOf(client, strategy, step)) provided.add(column);
    }
    if (provided.has("job_id")) return provided;
    const what = "no step returns a column job_id, so nobody learns which job was granted";
    const hint = "name the granted job in a SELECT or RETURNING: `… AS job_id`";
    throw new HarnessError({ kind: "usage", what, where: strategy.file, hint });
  });
}

function rejectUnbound(
  strategy: Strategy,
  step: StrategyStep,
  provided: ReadonlySet<string>,
): void {
  const stranger = step.bound.names.find((name) => !provided.has(name));
  if (stranger === undefined) return;
  const names = [...provided].map((name) => `:${name}`).join(", ");
  throw new HarnessError({
    kind: "usage",
    what: `step "${step.name}" binds :${stranger}, which nobody provides`,
    where: `${strategy.file}:${step.line}`,
    hint: `at this step there are ${names}`,
  });
}

async function columnsOf(
  client: PoolClient,
  strategy: Strategy,
  step: StrategyStep,
): Promise<readonly string[]> {
  try {
    return (await describeStatement(client, step.bound.text)).columns;
  } catch (cause) {
    const error = cause as Error & { position?: string; hint?: string };
    const line = step.line + linesBefore(step.bound.text, Number(error.position ?? "1"));
    throw new HarnessError({
      kind: "usage",
      what: `step "${step.name}": ${error.message}`,
      where: `${strategy.file}:${line}`,
      hint: error.hint ?? "the tables are those of sql/schema.sql",
      cause,
    });
  }
}

function linesBefore(text: string, position: number): number {
  return text.slice(0, position - 1).split("\n").length - 1;
}
