import type { PoolClient } from "pg";
import { HarnessError } from "../base/harness-error.ts";
import type { ControlDatabase } from "./control-database.ts";
import type { MappableTable, TableMapping } from "./strategy-tables.ts";

/**
 * Puts a table of the strategy's own in the place of the reference's:
 *
 * ```
 *   work_items (item_id, state, …)  ──renamed──▶  jobs (id, status, …)   the table itself, its rows, keys, triggers
 *                                                   ▲
 *   work_items (item_id, state, …)  ──a view of it──┘                    what the strategy's statements see
 * ```
 *
 * The table is renamed, not the harness taught other names, because all that judges it must see the table itself:
 * the write-ahead log names tables and not views, triggers and constraints stand on tables only. The strategy loses
 * nothing by its view: a view of one table is planned away, and rows that are locked or passed over (FOR UPDATE, SKIP
 * LOCKED, LOCK TABLE) through it are locked in the table.
 *
 * HarnessError (usage) with `file:line` where the table cannot do what the reference's does.
 */
export async function adoptTable(control: ControlDatabase, mapping: TableMapping): Promise<void> {
  await control.withConnection(async (client) => {
    const table = await resolve(client, mapping);
    const statements = ["BEGIN", `DROP TABLE ${mapping.table}`, ...renaming(table), "COMMIT"];
    try {
      for (const statement of statements) await client.query(statement);
    } catch (cause) {
      const problem = `cannot take the place of ${mapping.table}: ${(cause as Error).message}`;
      throw wrong(mapping, problem, "the set-up may depend on the table that it is to replace");
    }
  });
}

interface Column {
  readonly name: string;
  readonly type: string;
  /** One letter, `N` for numbers, `S` for texts …: what can be assigned to what. */
  readonly category: string;
  readonly not_null: boolean;
  /** The expression; null: none. */
  readonly default: string | null;
  readonly generated: boolean;
  /** It is the primary key, alone. */
  readonly is_key: boolean;
}

interface Pair {
  readonly reference: Column;
  /** Absent: the table lacks it, and gets the reference's. */
  readonly own: Column | undefined;
}

interface Resolved {
  readonly mapping: TableMapping;
  readonly columns: readonly Column[];
  readonly pairs: readonly Pair[];
}

/** What a claim is made of cannot be made up for a table that lacks it; all the rest is the harness's bookkeeping. */
const essential: Readonly<Record<MappableTable, readonly string[]>> = {
  jobs: ["id", "status", "claimed_by", "attempt"],
  bots: ["id", "current_job_id"],
};

async function resolve(client: PoolClient, mapping: TableMapping): Promise<Resolved> {
  const reference = await columnsOf(client, mapping.table);
  const columns = await columnsOf(client, mapping.own);
  if (columns.length === 0) {
    throw wrong(mapping, "does not exist", "create it, a plain table, in a `-- setup:` block");
  }
  rejectUnknownColumns(mapping, { reference, columns });
  const pairs = reference.map((column) => {
    const own = columns.find(({ name }) => name === ownName(mapping, column.name));
    return { reference: column, own };
  });
  rejectUnfitting(mapping, pairs);
  rejectUnfillable(mapping, { columns, pairs });
  return { mapping, columns, pairs };
}

/** A name that stands for another column of the reference is not its own any more. */
function ownName({ columns }: TableMapping, column: string): string | undefined {
  const mapped = columns.find((each) => each.column === column);
  if (mapped !== undefined) return mapped.own;
  return columns.some(({ own }) => own === column) ? undefined : column;
}

function rejectUnknownColumns(
  mapping: TableMapping,
  { reference, columns }: { reference: readonly Column[]; columns: readonly Column[] },
): void {
  for (const { column, own } of mapping.columns) {
    if (!reference.some(({ name }) => name === column)) {
      const names = reference.map(({ name }) => name).join(", ");
      throw wrong(
        mapping,
        `is mapped for "${column}", which ${mapping.table} lacks`,
        `it has ${names}`,
      );
    }
    if (columns.some(({ name }) => name === own)) continue;
    throw wrong(
      mapping,
      `has no column "${own}"`,
      `it has ${columns.map(({ name }) => name).join(", ")}`,
    );
  }
}

function rejectUnfitting(mapping: TableMapping, pairs: readonly Pair[]): void {
  for (const { reference, own } of pairs) {
    if (own === undefined) {
      if (!essential[mapping.table].includes(reference.name)) continue;
      const hint = `name the column that is: ${mapping.table} = ${mapping.own} (${reference.name} = …)`;
      throw wrong(mapping, `has no column for ${mapping.table}.${reference.name}`, hint);
    }
    if (own.category !== reference.category) {
      const what = `has "${own.name}" of type ${own.type}, which cannot be ${mapping.table}.${reference.name}`;
      throw wrong(mapping, what, `the reference service writes ${reference.type} there`);
    }
    if (reference.generated && own.default === null && !own.generated) {
      const hint = "jobs are added without a number: GENERATED ALWAYS AS IDENTITY";
      throw wrong(mapping, `does not number "${own.name}" itself`, hint);
    }
    if (reference.is_key && !own.is_key) {
      const hint = "rows are told apart by it, in the tables and in the server's log";
      throw wrong(mapping, `has "${own.name}", which is not its primary key`, hint);
    }
  }
}

/** The harness adds jobs and bots, and knows nothing of columns that only the strategy has. */
function rejectUnfillable(
  mapping: TableMapping,
  { columns, pairs }: { columns: readonly Column[]; pairs: readonly Pair[] },
): void {
  const known = new Set(pairs.map(({ own }) => own));
  const column = columns.find(
    (each) => !known.has(each) && each.not_null && each.default === null && !each.generated,
  );
  if (column === undefined) return;
  const what = `has "${column.name}", which must be given and has no default`;
  throw wrong(mapping, what, "jobs and bots are added without it: give it a default in the set-up");
}

/** Names are first taken out of each other's way, so that columns may even swap theirs. */
function renaming({ mapping, columns, pairs }: Resolved): readonly string[] {
  const { table } = mapping;
  const final = new Map(columns.map((column) => [column, finalName(column, pairs)]));
  const steps = [...final].flatMap(([{ name }, to], index) =>
    name === to ? [] : [[name, `doubletake_${index}`, to] as const],
  );
  const rename = (from: string, to: string): string =>
    `ALTER TABLE ${table} RENAME COLUMN ${quoted(from)} TO ${quoted(to)}`;
  const seen = [...final].map(([{ name }, to]) => `${quoted(to)} AS ${quoted(name)}`).join(", ");
  return [
    `ALTER TABLE ${quoted(mapping.own)} RENAME TO ${table}`,
    ...steps.map(([from, between]) => rename(from, between)),
    ...steps.map(([, between, to]) => rename(between, to)),
    ...pairs.flatMap((pair) => completing(table, pair)),
    `CREATE VIEW ${quoted(mapping.own)} AS SELECT ${seen} FROM ${table}`,
  ];
}

/** A column of the strategy's own that has a name of the reference's, and is not it, makes way. */
function finalName(column: Column, pairs: readonly Pair[]): string {
  const pair = pairs.find(({ own }) => own === column);
  if (pair !== undefined) return pair.reference.name;
  const isTaken = pairs.some(({ reference }) => reference.name === column.name);
  return isTaken ? `own_${column.name}` : column.name;
}

/** What the table lacks of the reference's, columns and defaults. */
function completing(table: string, { reference, own }: Pair): readonly string[] {
  const name = quoted(reference.name);
  if (own === undefined) {
    const rest = reference.default === null ? "" : ` DEFAULT ${reference.default}`;
    const must = reference.not_null && reference.default !== null ? " NOT NULL" : "";
    return [`ALTER TABLE ${table} ADD COLUMN ${name} ${reference.type}${must}${rest}`];
  }
  if (own.default !== null || own.generated || reference.default === null) return [];
  return [`ALTER TABLE ${table} ALTER COLUMN ${name} SET DEFAULT ${reference.default}`];
}

/** Empty where there is no plain table of that name in the schema of the run. */
async function columnsOf(client: PoolClient, table: string): Promise<readonly Column[]> {
  const found = await client.query<Column>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, t.typcategory AS category,
            a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS default,
            a.attidentity <> '' OR a.attgenerated <> '' AS generated, coalesce(i.indkey[0] = a.attnum, false) AS is_key
       FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indnatts = 1
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1 AND c.relkind = 'r'
      ORDER BY a.attnum`,
    [table],
  );
  return found.rows;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function wrong({ own, where }: TableMapping, problem: string, hint: string): HarnessError {
  return new HarnessError({ kind: "usage", what: `table ${own} ${problem}`, where, hint });
}
