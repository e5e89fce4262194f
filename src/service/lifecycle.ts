import { join } from "node:path";
import { packageRoot } from "../base/package-root.ts";
import type { BotConnection, StatementResult } from "./bot-connection.ts";
import type { Claim } from "./claim-run.ts";
import { bindNames } from "./named-parameters.ts";
import type { BoundStatement } from "./named-parameters.ts";
import { classifyError } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { readSqlFile } from "./sql-file.ts";

/** What a bot needs to do a job. */
export interface Work {
  readonly a: number;
  readonly b: number;
}

export type Settlement =
  | { readonly kind: "complete"; readonly result: number }
  | { readonly kind: "fail"; readonly error: string };

/** A claim that a bot finds it holds, and how far it had got with it. */
export interface Held extends Claim, Work {
  readonly status: "claimed" | "processing";
}

const names = ["enqueue", "register", "start", "complete", "fail", "resume"] as const;
export type LifecycleName = (typeof names)[number];

/** What happens to a job after its claim: the statements of `sql/lifecycle`, one a file, each alone in its transaction. */
export class Lifecycle {
  readonly #statements: ReadonlyMap<LifecycleName, BoundStatement>;

  /** `replaced`: SQL to take in place of a file's, for the tests that prove that a wrong statement is caught. */
  constructor(replaced: Readonly<Partial<Record<LifecycleName, string>>> = {}) {
    this.#statements = new Map(
      names.map((name) => [name, bindNames(replaced[name] ?? lifecycleSql(name))]),
    );
  }

  /** The statement of a step of the lifecycle, to run elsewhere. */
  statement(name: LifecycleName, values: Readonly<Record<string, unknown>>) {
    const bound = this.#statements.get(name) as BoundStatement;
    return { name, text: bound.text, values: bound.names.map((key) => values[key] ?? null) };
  }

  async start(connection: BotConnection, bot: number, claim: Claim): Promise<Outcome<Work>> {
    return await this.#run(connection, "start", { ...parameters(bot, claim) }, (row) => ({
      a: Number(row["a"]),
      b: Number(row["b"]),
    }));
  }

  async settle(
    connection: BotConnection,
    claimed: { readonly bot: number; readonly claim: Claim },
    settlement: Settlement,
  ): Promise<Outcome<null>> {
    const values = { ...parameters(claimed.bot, claimed.claim), ...settlement };
    return await this.#run(connection, settlement.kind, values, () => null);
  }

  async resume(connection: BotConnection, bot: number): Promise<Outcome<Held>> {
    return await this.#run(connection, "resume", { bot_id: bot }, (row) => ({
      job: Number(row["job_id"]),
      attempt: Number(row["attempt"]),
      a: Number(row["a"]),
      b: Number(row["b"]),
      status: row["status"] === "processing" ? "processing" : "claimed",
    }));
  }

  async #run<T>(
    connection: BotConnection,
    name: LifecycleName,
    values: Readonly<Record<string, unknown>>,
    read: (row: Readonly<Record<string, unknown>>) => T,
  ): Promise<Outcome<T>> {
    try {
      const result = await connection.query(this.statement(name, values));
      const row = firstRow(result);
      return row === undefined ? { kind: "empty" } : { kind: "ok", value: read(row) };
    } catch (error) {
      const alone = { sent: true, committing: false, committedBefore: false, inTransaction: false };
      return classifyError(error, alone);
    }
  }
}

function parameters(bot: number, claim: Claim): Record<string, unknown> {
  return { bot_id: bot, job_id: claim.job, attempt: claim.attempt };
}

function firstRow(result: StatementResult): Readonly<Record<string, unknown>> | undefined {
  const [row] = result.rows;
  if (row === undefined) return undefined;
  return Object.fromEntries(result.columns.map((column, index) => [column, row[index]]));
}

/** The statement of a file of `sql/lifecycle`, with its names. */
export function lifecycleSql(name: LifecycleName): string {
  const file = readSqlFile(join(packageRoot, "sql", "lifecycle", `${name}.sql`));
  const [step] = file.steps;
  return step?.sql ?? "";
}
