import type { FailDetail, RescuedClaim } from "../history/event.ts";
import type { BotConnection, StatementResult } from "./bot-connection.ts";
import type { Claim } from "./claim-run.ts";
import type { ControlDatabase, Row } from "./control-database.ts";
import { lifecycleNames, lifecycleSql } from "./lifecycle-file.ts";
import type { LifecycleName } from "./lifecycle-file.ts";
import { bindNames } from "./named-parameters.ts";
import type { BoundStatement } from "./named-parameters.ts";
import { classifyError } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";

/** What a bot needs to do a job. */
export interface Work {
  readonly a: number;
  readonly b: number;
}

export type Settlement =
  | { readonly kind: "complete"; readonly result: number }
  | ({ readonly kind: "fail"; readonly error: string } & Partial<Backoff>);

/** What became of the job: null where it is done. */
export type Settled = FailDetail | null;

/** How long a failed job waits: `sql/lifecycle/fail.sql` has the formula. Intervals as text: "100 milliseconds". */
export interface Backoff {
  readonly base: string;
  readonly cap: string;
  /** The part of the time that is drawn by lot, 0 to 1; `random` is the lot, uniform in [0, 1). */
  readonly jitter: number;
  readonly random: number;
}

/** A claim that a bot finds it holds, and how far it had got with it. */
export interface Held extends Claim, Work {
  readonly status: "claimed" | "processing";
}

/** A job that nobody will try again. */
export interface DeadLetter {
  readonly job: number;
  readonly attempt: number;
  readonly type: string;
  readonly error: string | null;
}

/** SQL to take in place of a file's, in steps where there are several. */
export type ReplacedStatements = Readonly<
  Partial<Record<LifecycleName, string | readonly string[]>>
>;

const noWait: Backoff = { base: "0", cap: "0", jitter: 0, random: 0 };
/** Expired claims that one rescue takes: more wait for the next, so that no rescue locks jobs for long. */
const rescueLimit = 1_000;
const lettersShown = 1_000;

/** What happens to a job beside its claim: the statements of `sql/lifecycle`, one a file, each alone in its transaction. */
export class Lifecycle {
  readonly #statements: ReadonlyMap<LifecycleName, readonly BoundStatement[]>;

  /** `replaced`: for those who prove that a wrong statement is caught. */
  constructor(replaced: ReplacedStatements = {}) {
    this.#statements = new Map(
      lifecycleNames.map((name) => {
        const sql = replaced[name] ?? lifecycleSql(name);
        return [name, (typeof sql === "string" ? [sql] : sql).map(bindNames)];
      }),
    );
  }

  /** The statement of a step of the lifecycle, to run elsewhere. */
  statement(name: LifecycleName, values: Readonly<Record<string, unknown>>) {
    const [bound] = this.#statements.get(name) as readonly [BoundStatement];
    return { name, ...withValues(bound, values) };
  }

  async start(connection: BotConnection, bot: number, claim: Claim): Promise<Outcome<Work>> {
    return await this.#run(connection, "start", parameters(bot, claim), ([row]) => workOf(row));
  }

  /** `lease`: an interval, as text. */
  async heartbeat(
    connection: BotConnection,
    { bot, claim }: { readonly bot: number; readonly claim: Claim },
    lease: string,
  ): Promise<Outcome<null>> {
    const values = { ...parameters(bot, claim), lease };
    return await this.#run(connection, "heartbeat", values, () => null);
  }

  async settle(
    connection: BotConnection,
    { bot, claim }: { readonly bot: number; readonly claim: Claim },
    settlement: Settlement,
  ): Promise<Outcome<Settled>> {
    const values = { ...parameters(bot, claim), ...noWait, ...settlement };
    const { kind } = settlement;
    return await this.#run(connection, kind, values, ([row]) =>
      kind === "fail" ? failedOf(row) : null,
    );
  }

  async resume(connection: BotConnection, bot: number): Promise<Outcome<readonly Held[]>> {
    return await this.#run(connection, "resume", { bot_id: bot }, (rows) => rows.map(heldOf));
  }

  /** Takes expired claims from their holders. `empty`: there was none. */
  async rescue(control: Pick<ControlDatabase, "query">): Promise<Outcome<readonly RescuedClaim[]>> {
    return await this.#runByHarness(control, "rescue", { limit: rescueLimit }, (rows) =>
      rows.map(rescuedOf),
    );
  }

  /** The longest dead first, at most a thousand. Throws what `pg` throws. */
  async deadLetters(control: ControlDatabase): Promise<readonly DeadLetter[]> {
    const { text, values } = this.statement("dead-letters", { limit: lettersShown });
    return (await control.query(text, values)).map((row) => ({
      job: Number(row["job_id"]),
      attempt: Number(row["attempt"]),
      type: String(row["type"]),
      error: row["last_error"] as string | null,
    }));
  }

  /** Makes dead jobs pending again, all of them where none are named, with so many more attempts. */
  async redrive(
    control: ControlDatabase,
    wanted: { readonly attempts: number; readonly jobs?: readonly number[] },
  ): Promise<Outcome<readonly number[]>> {
    const values = { attempts: wanted.attempts, job_ids: wanted.jobs ?? null };
    return await this.#runByHarness(control, "redrive", values, (rows) =>
      rows.map((row) => Number(row["job_id"])),
    );
  }

  async #run<T>(
    connection: BotConnection,
    name: LifecycleName,
    values: Readonly<Record<string, unknown>>,
    read: (rows: readonly Row[]) => T,
  ): Promise<Outcome<T>> {
    try {
      const rows = rowsOf(await connection.query(this.statement(name, values)));
      return rows.length === 0 ? { kind: "empty" } : { kind: "ok", value: read(rows) };
    } catch (error) {
      return classifyError(error, alone);
    }
  }

  /** A step's first row has names for those after it; a step without a row ends it as empty. */
  async #runByHarness<T>(
    control: Pick<ControlDatabase, "query">,
    name: LifecycleName,
    values: Readonly<Record<string, unknown>>,
    read: (rows: readonly Row[]) => T,
  ): Promise<Outcome<T>> {
    const steps = this.#statements.get(name) as readonly BoundStatement[];
    try {
      let rows: readonly Row[] = [];
      const known = { ...values };
      for (const step of steps) {
        const bound = withValues(step, known);
        rows = await control.query(bound.text, bound.values);
        if (rows.length === 0) return { kind: "empty" };
        Object.assign(known, rows[0]);
      }
      return { kind: "ok", value: read(rows) };
    } catch (error) {
      return classifyError(error, alone);
    }
  }
}

/** Every statement is a transaction of its own. */
const alone = { sent: true, committing: false, committedBefore: false, inTransaction: false };

function withValues({ text, names }: BoundStatement, values: Readonly<Record<string, unknown>>) {
  return { text, values: names.map((key) => values[key] ?? null) };
}

function parameters(bot: number, claim: Claim): Record<string, unknown> {
  return { bot_id: bot, job_id: claim.job, attempt: claim.attempt };
}

function rowsOf({ rows, columns }: StatementResult): readonly Row[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column, row[index]])),
  );
}

function workOf(row: Row | undefined): Work {
  return { a: Number(row?.["a"]), b: Number(row?.["b"]) };
}

function heldOf(row: Row): Held {
  return {
    ...workOf(row),
    job: Number(row["job_id"]),
    attempt: Number(row["attempt"]),
    status: row["status"] === "processing" ? "processing" : "claimed",
  };
}

function failedOf(row: Row | undefined): FailDetail {
  if (row?.["status"] === "dead") return { status: "dead" };
  const retryInMs = Number(row?.["retry_in_ms"] ?? 0);
  return { status: "pending", ...(retryInMs === 0 ? {} : { retryInMs }) };
}

function rescuedOf(row: Row): RescuedClaim {
  const claim = { job: Number(row["job_id"]), attempt: Number(row["attempt"]) };
  const holder = row["bot_id"] === null ? {} : { bot: Number(row["bot_id"]) };
  return { ...claim, ...holder, ...(row["status"] === "dead" ? { isDead: true as const } : {}) };
}
