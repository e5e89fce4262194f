import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../base/package-root.ts";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import { BotConnection } from "../service/bot-connection.ts";
import type { ControlDatabase } from "../service/control-database.ts";
import { verificationQueries } from "../service/inspection.ts";

/** What the database holds when every program has ended. */
export interface FinalState {
  /** Committed changes in the order of the log, with the label of their transaction. */
  readonly log: readonly LogEntry[];
  readonly verification: readonly { readonly name: string; readonly rows: readonly Row[] }[];
  readonly jobs: readonly JobRow[];
  /** `is_right`: the value is the sum of the job's two numbers. */
  readonly effects: readonly { readonly job_id: number; readonly is_right: boolean | null }[];
}

type Row = Readonly<Record<string, unknown>>;

export interface LogEntry {
  readonly seq: number;
  readonly label: string;
  readonly of: "job" | "bot" | "effect";
  readonly kind: "insert" | "update" | "delete";
  readonly job: number | null;
  readonly bot: number | null;
  readonly status: string | null;
  readonly attempt: number | null;
  readonly value: number | null;
}

export interface JobRow {
  readonly id: number;
  readonly status: string;
  readonly claimed_by: number | null;
  readonly attempt: number;
}

/** What a stage has to know of the tables on it. */
export interface StageTables {
  /** Makes the table `witness_log`, and has changes of these tables logged in it. */
  readonly witness: (tables: readonly string[]) => readonly string[];
  /** Answers with a FinalState, as `state`. */
  readonly look: string;
  /** To be set back as well, each with a statement; those of the reference tables give no number that anybody sees. */
  readonly sequences: readonly string[];
}

/** Those of the reference service. */
export const referenceTables: StageTables = {
  witness: () => [
    readFileSync(join(packageRoot, "sql", "witness.sql"), "utf8"),
    "ALTER TABLE witness_log ADD label text DEFAULT current_setting('doubletake.transaction', true)",
  ],
  look: lookSql(),
  sequences: [],
};

/** Deleted rows stay until they are vacuumed; after so many schedules they would be what a run spends its time on. */
const vacuumEvery = 200;

/**
 * The tables as they stand before every schedule. What the set-up left is kept beside them in a copy, from which they
 * are filled again: deleting and inserting a few rows takes a fraction of what TRUNCATE takes.
 */
export class Stage implements AsyncDisposable {
  readonly #connection: BotConnection;
  readonly #tables: readonly string[];
  readonly #look: string;
  #resets = 0;
  #ahead: Promise<Error | null> | undefined;

  private constructor(connection: BotConnection, names: readonly string[], look: string) {
    this.#connection = connection;
    this.#tables = names;
    this.#look = look;
  }

  /** Copies every table of the schema as it stands now. */
  static async open(
    address: PostgresAddress,
    control: ControlDatabase,
    { witness, look, sequences }: StageTables,
  ): Promise<Stage> {
    const tables = await tablesOf(control);
    const names = tables.map(({ name }) => name);
    const refill = refillFunction(tables, sequences);
    await control.query([...witness(names), ...tables.map(copySql), refill].join(";\n"));
    const connection = connectionTo(address, control.schema);
    await connect(connection);
    return new Stage(connection, names, look);
  }

  /** As before the first schedule. */
  async reset(): Promise<void> {
    const failure = await (this.#ahead ?? this.#refill());
    this.#ahead = undefined;
    if (failure !== null) throw failure;
    if (++this.#resets % vacuumEvery !== 0) return;
    const text = `VACUUM ${[...this.#tables, "witness_log"].join(", ")}`;
    await this.#connection.query({ text });
  }

  /** The server may set the tables back while the schedule is judged: nobody looks at them any more. */
  resetAhead(): void {
    this.#ahead = this.#refill();
  }

  /** The server may have been away. Its unlogged copies are gone then: what it left can be seen, but not set again. */
  async makeSure(): Promise<void> {
    const isThere = await this.#connection.query({ text: "SELECT 1" }).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await this.#connection.close();
    await connect(this.#connection);
  }

  async look(): Promise<FinalState> {
    const { rows } = await this.#connection.query({ name: "look", text: this.#look });
    return JSON.parse(String(rows[0]?.[0])) as FinalState;
  }

  async #refill(): Promise<Error | null> {
    return await this.#connection
      .query({ name: "refill", text: `SELECT ${refillName}()` })
      .then(() => null)
      .catch((error: unknown) => error as Error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ahead;
    await this.#connection.close();
  }
}

function copySql({ name, copy, isPartitioned }: Table): string {
  const rest = isPartitioned ? "" : `; ALTER TABLE ${name} SET (autovacuum_enabled = off)`;
  return `CREATE UNLOGGED TABLE ${copy} AS TABLE ${name}${rest}`;
}

/** A vacuum may have to wait for others. */
const statementMs = 60_000;

function connectionTo(address: PostgresAddress, schema: string): BotConnection {
  const name = `doubletake-stage-${schema}`;
  const options = { address, schema, name, statementMs, onEvent: () => undefined };
  return new BotConnection(options, { statements: 0, roundTrips: 0 });
}

async function connect(connection: BotConnection): Promise<void> {
  await connection.open();
  await connection.query({ text: "SET synchronous_commit = off" });
  // Without the triggers of the witness and of foreign keys, where we may: the copy is consistent as it is.
  const text = "SET session_replication_role = replica";
  await connection.query({ text }).catch(() => undefined);
}

interface Table {
  readonly name: string;
  /** The table that keeps its rows. */
  readonly copy: string;
  readonly isPartitioned: boolean;
  /** Those that can be inserted. */
  readonly columns: readonly string[];
}

/** Tables that others refer to come first. */
async function tablesOf(control: ControlDatabase): Promise<readonly Table[]> {
  const rows = await control.query(
    `SELECT c.oid, quote_ident(c.relname) AS name, quote_ident('before_' || c.relname) AS copy,
            c.relkind = 'p' AS is_partitioned,
            ARRAY(SELECT quote_ident(attname) FROM pg_attribute
                   WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                   ORDER BY attnum) AS columns,
            ARRAY(SELECT confrelid FROM pg_constraint
                   WHERE conrelid = c.oid AND contype = 'f' AND confrelid <> c.oid) AS needs
       FROM pg_class c
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      ORDER BY c.relname`,
  );
  const ordered: typeof rows = [];
  while (ordered.length < rows.length) {
    const placed = new Set(ordered.map((row) => row["oid"]));
    const left = rows.filter((row) => !placed.has(row["oid"]));
    const free = left.filter((row) =>
      (row["needs"] as readonly unknown[]).every((need) => placed.has(need)),
    );
    // Tables that refer to each other in a circle have no right order: any will do for who may skip the checks.
    ordered.push(...(free.length > 0 ? free : left));
  }
  return ordered.map((row) => ({
    name: String(row["name"]),
    copy: String(row["copy"]),
    isPartitioned: row["is_partitioned"] === true,
    columns: row["columns"] as readonly string[],
  }));
}

const refillName = "refill_stage";

/** A function keeps the plans of its statements: to plan them each time takes longer than to carry them out. */
function refillFunction(tables: readonly Table[], sequences: readonly string[]): string {
  const empty = tables.toReversed().map(({ name }) => `DELETE FROM ${name}`);
  const fill = tables.map(({ name, copy, columns }) => {
    const list = columns.join(", ");
    return `INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM ${copy}`;
  });
  const statements = [...empty, ...fill, ...sequences, "DELETE FROM witness_log"];
  return `CREATE OR REPLACE FUNCTION ${refillName}() RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS
    $refill$ BEGIN ${statements.join("; ")}; END $refill$`;
}

/** Everything in one statement, so in one snapshot and one round trip. */
function lookSql(): string {
  const verification = verificationQueries().map(
    ({ name, sql }) =>
      `json_build_object('name', '${name}', 'rows', (SELECT coalesce(json_agg(f), '[]') FROM (${sql}) f))`,
  );
  return `SELECT json_build_object(
    'log', (SELECT coalesce(json_agg(l ORDER BY l.seq), '[]') FROM witness_log l WHERE l.label <> ''),
    'verification', json_build_array(${verification.join(", ")}),
    'jobs', (SELECT coalesce(json_agg(j), '[]') FROM
              (SELECT id, status, claimed_by, attempt FROM jobs ORDER BY id) j),
    'effects', (SELECT coalesce(json_agg(e), '[]') FROM 
              (SELECT job_id, value = a + b AS is_right FROM effects LEFT JOIN jobs ON jobs.id = job_id) e)
  ) AS state`;
}
