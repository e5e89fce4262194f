import type { BotConnection, StatementResult } from "./bot-connection.ts";
import { classifyError, lostRace } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import type { Strategy, StrategyStep } from "./strategy.ts";

/** A granted job. `attempt` is null where the strategy does not tell it. */
export interface Claim {
  readonly job: number;
  readonly attempt: number | null;
}

/** Values of the parameters that every claim provides. */
export interface ClaimParameters {
  readonly bot_id: number;
  /** An interval, as text: "30000 milliseconds". */
  readonly lease: string;
  readonly limit: number;
  /** Types of job that the bot takes; null: all. */
  readonly types?: readonly string[] | null;
  /** The time by the bot's own clock. */
  readonly now?: Date;
}

type StepOutcome =
  | { readonly kind: "went on" }
  | { readonly kind: "no row" }
  | { readonly kind: "lost race" };

/** One attempt at a claim: the steps of a strategy in order, inside its transaction if it has one. Never throws for what the database or the network does. */
export function runClaim(
  connection: BotConnection,
  strategy: Strategy,
  parameters: ClaimParameters,
): Promise<Outcome<readonly Claim[]>> {
  return new ClaimRun(connection, strategy, parameters).carryOut();
}

class ClaimRun {
  readonly #connection: BotConnection;
  readonly #strategy: Strategy;
  readonly #parameters: ClaimParameters;
  /** Columns of the rows of earlier steps, by name. */
  #columns: Map<string, unknown> | undefined;
  #granted: readonly Claim[] = [];
  #phase: "idle" | "in step" | "committing" = "idle";
  #step: StrategyStep | undefined;
  /** A step that may change something has committed on its own. */
  #changed = false;

  constructor(connection: BotConnection, strategy: Strategy, parameters: ClaimParameters) {
    this.#connection = connection;
    this.#strategy = strategy;
    this.#parameters = parameters;
  }

  get #inTransaction(): boolean {
    return this.#strategy.transaction !== "none";
  }

  async carryOut(): Promise<Outcome<readonly Claim[]>> {
    try {
      if (this.#inTransaction) {
        const level = this.#strategy.transaction.toUpperCase();
        await this.#connection.query({ text: `BEGIN ISOLATION LEVEL ${level}` });
      }
      const end = await this.#runSteps();
      if (end.kind !== "went on") return await this.#giveUp(end);
      if (this.#inTransaction) {
        this.#phase = "committing";
        await this.#connection.query({ text: "COMMIT" });
      }
      return { kind: "ok", value: this.#granted };
    } catch (error) {
      return await this.#failed(error);
    }
  }

  async #runSteps(): Promise<StepOutcome> {
    for (const step of this.#strategy.steps) {
      this.#step = step;
      this.#phase = "in step";
      const result = await this.#connection.query({
        name: statementName(this.#strategy, step),
        text: step.bound.text,
        values: step.bound.names.map((name) => this.#valueOf(name)),
      });
      const end = this.#take(step, result);
      if (end.kind !== "went on") return end;
      if (!this.#inTransaction && mayChange(step)) this.#changed = true;
    }
    return { kind: "went on" };
  }

  #valueOf(name: string): unknown {
    if (this.#columns?.has(name) === true) return this.#columns.get(name);
    return this.#parameters[name as keyof ClaimParameters];
  }

  /** Keeps a step's first row for the names of later steps, and its rows as the grant if they name jobs. */
  #take(step: StrategyStep, result: StatementResult): StepOutcome {
    const hasResultSet = result.columns.length > 0;
    if (step.expectsRows && result.rowCount === 0) return { kind: "lost race" };
    if (hasResultSet && result.rows.length === 0) return { kind: "no row" };
    if (step !== this.#strategy.steps.at(-1)) this.#keepColumns(result);
    const job = result.columns.indexOf("job_id");
    if (job >= 0) this.#granted = claimsOf(result, job);
    return { kind: "went on" };
  }

  #keepColumns({ columns, rows: [first] }: StatementResult): void {
    this.#columns ??= new Map();
    for (const [index, column] of columns.entries()) this.#columns.set(column, first?.[index]);
  }

  async #giveUp(end: Exclude<StepOutcome, { kind: "went on" }>): Promise<Outcome<never>> {
    if (this.#inTransaction) await this.#connection.query({ text: "ROLLBACK" });
    if (end.kind === "no row") return { kind: "empty" };
    const message = `step ${this.#step?.name} found no row: another bot was faster`;
    const kind = this.#changed ? "unknown" : "failed";
    return { kind, code: lostRace, retryable: !this.#changed, message };
  }

  async #failed(error: unknown): Promise<Outcome<never>> {
    const failure = classifyError(error, {
      sent: this.#phase === "committing" || (this.#step !== undefined && mayChange(this.#step)),
      committing: this.#phase === "committing",
      committedBefore: this.#changed,
      inTransaction: this.#inTransaction,
    });
    if (this.#inTransaction && this.#connection.isOpen) await this.#rollBack();
    return failure;
  }

  /** A connection whose transaction cannot be rolled back is of no use any more. */
  async #rollBack(): Promise<void> {
    try {
      await this.#connection.query({ text: "ROLLBACK" });
    } catch {
      this.#connection.abandon();
    }
  }
}

/** Put together once per step, not once per claim. PostgreSQL cuts names at 63 bytes. */
function statementName(strategy: Strategy, step: StrategyStep): string {
  const known = statementNames.get(step);
  if (known !== undefined) return known;
  const name = `${strategy.name}/${step.name}`.slice(0, 63);
  statementNames.set(step, name);
  return name;
}

const statementNames = new WeakMap<StrategyStep, string>();

function claimsOf(result: StatementResult, job: number): Claim[] {
  const attempt = result.columns.indexOf("attempt");
  return result.rows.map((row) => ({
    job: Number(row[job]),
    attempt: attempt < 0 ? null : Number(row[attempt]),
  }));
}

/** Names that may stand before a parenthesis in a statement that only reads. */
const pureCalls = new Set(
  "and any array as avg by clock_timestamp coalesce count exists from greatest hashtext in interval least max min mod not now on or over random select sum union using values where with materialized".split(
    " ",
  ),
);

/**
 * Whether a statement may change something. Any function it calls may, unless it is known not to: where that is
 * wrong, an outcome is called unknown that had failed, which costs a question; the other way round costs a job.
 */
export function mayChange(step: Pick<StrategyStep, "sql">): boolean {
  const known = changing.get(step);
  if (known !== undefined) return known;
  const answer = looksChanging(step);
  changing.set(step, answer);
  return answer;
}

/** A claim asks it at every step, and the text of a step does not change. */
const changing = new WeakMap<Pick<StrategyStep, "sql">, boolean>();

function looksChanging(step: Pick<StrategyStep, "sql">): boolean {
  const sql = step.sql
    .toLowerCase()
    .replaceAll(/--.*$/gm, "")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/\bfor\s+(no\s+key\s+)?update\b/g, "");
  if (!/^\s*(select|with)\b/.test(sql)) return true;
  if (/\b(insert|update|delete|merge)\b/.test(sql)) return true;
  const calls = [...sql.matchAll(/([a-z_][a-z0-9_]*)\s*\(/g)].map((match) => match[1] ?? "");
  return calls.some((name) => !pureCalls.has(name));
}
