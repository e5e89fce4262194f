import type { PoolClient } from "pg";
import type { ControlDatabase } from "../service/control-database.ts";
import { describeStatement } from "../service/describe-statement.ts";
import type { Statement } from "../service/bot-connection.ts";
import type { Place, StatementEffect } from "./footprint.ts";
import { rowAccesses } from "./row-access.ts";
import type { Access } from "./row-access.ts";
import { someName, withoutQuoted } from "./sql-text.ts";

/** The lock that only reading takes. */
const readMode = "AccessShareLock";
/** Advisory locks are no table's; all of them stand for each other. */
export const advisory: Place = { table: "(advisory locks)" };

/** Volatile functions that neither look at nor change what another bot could notice. */
const harmless = new Set(["clock_timestamp", "timeofday", "random", "gen_random_uuid"]);

interface KnownStatement {
  readonly effect: StatementEffect;
  /** Tables of which it touches one row by its primary key: the parameter that holds the key, from 0. */
  readonly keys: ReadonlyMap<string, number>;
}

const unknown: KnownStatement = {
  effect: { isOpaque: true, reads: [], locks: [], adds: [], publishes: [] },
  keys: new Map(),
};

/**
 * What statements touch, as PostgreSQL says: while a statement is parsed the server takes the lock of every table it
 * names, through views and for whatever mode, so parsing it in a transaction and looking at the locks tells more than
 * its text does. What the server does not tell is taken for everything: statements that are no query, functions that
 * are not its own, tables with triggers or policies.
 */
export class StatementEffects {
  readonly #control: ControlDatabase;
  readonly #catalog: Catalog;
  readonly #known = new Map<string, KnownStatement>();
  #mayLockForSession = false;

  private constructor(control: ControlDatabase, catalog: Catalog) {
    this.#control = control;
    this.#catalog = catalog;
  }

  /** The tables must be there already. */
  static async open(control: ControlDatabase): Promise<StatementEffects> {
    return new StatementEffects(control, await readCatalog(control));
  }

  /** Some constraint or trigger waits for the commit. */
  get checksLate(): boolean {
    return this.#catalog.checksLate;
  }

  /** Some statement may have taken a lock that outlives its transaction. */
  get mayLockForSession(): boolean {
    return this.#mayLockForSession;
  }

  /** Finds out beforehand, while no bot holds a lock that would be in the way. */
  async prepare(texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.#know(text);
  }

  async of({ text, values = [] }: Statement): Promise<StatementEffect> {
    const known = this.#known.get(text) ?? (await this.#know(text));
    if (known.keys.size === 0) return known.effect;
    const keyed = (place: Place): Place => {
      const at = known.keys.get(place.table);
      const key = at === undefined ? Number.NaN : Number(values[at] ?? Number.NaN);
      return Number.isSafeInteger(key) ? { ...place, key } : place;
    };
    const { effect } = known;
    return { ...effect, locks: effect.locks.map(keyed), reads: effect.reads.map(keyed) };
  }

  /** What could not be found out, because a bot stood in the way, is asked again the next time. */
  async #know(text: string): Promise<KnownStatement> {
    const found = await this.#find(text);
    if (found !== "in the way") this.#known.set(text, found);
    return found === "in the way" ? unknown : found;
  }

  async #find(text: string): Promise<KnownStatement | "in the way"> {
    const bare = withoutQuoted(text).toLowerCase();
    this.#mayLockForSession ||= /advisory_lock/.test(bare);
    if (!this.#catalog.isReadCommitted) return unknown;
    if (!/^\s*(select|with|insert|update|delete|values)\b/.test(bare)) return unknown;
    return await this.#control.withConnection(async (client) => {
      const calls = await judgeCalls(client, callsIn(bare));
      if (calls === "unknown") return unknown;
      const locks = await parseLocks(client, text);
      if (locks === "in the way") return locks;
      if (locks === "unknown") return unknown;
      const accesses = await rowAccesses(client, text);
      if (accesses === "in the way") return accesses;
      return this.#effectOf(bare, locks, { calls, accesses });
    });
  }

  #effectOf(bare: string, locks: readonly TableLock[], found: Found): KnownStatement {
    const { strange, partners } = this.#catalog;
    const locked = locks.filter(({ mode }) => mode !== readMode).map(({ table }) => table);
    // A foreign key looks at, and locks, the other table too.
    const bound = new Set(locked.flatMap((table) => partners.get(table) ?? []));
    const all = new Set([...locked, ...bound]);
    const tables = new Set(locks.map(({ table }) => table));
    if ([...tables, ...all].some((table) => strange.has(table))) return unknown;
    const { keys, adds } = this.#refined(bare, locks, { ...found, bound });
    const isAdvisory = found.calls === "advisory";
    const places = [...all].filter((table) => !adds.has(table)).map((table) => ({ table }));
    // What is changed is looked at as well, and who looks at it is told by its lock.
    const isRead = (table: string): boolean =>
      !adds.has(table) && !(keys.has(table) && all.has(table));
    const effect: StatementEffect = {
      isOpaque: false,
      reads: [...tables].filter(isRead).map((table) => ({ table })),
      locks: isAdvisory ? [...places, advisory] : places,
      adds: [...adds].map((table) => ({ table })),
      // Taken or given back, for a session or a transaction: the text does not tell for certain.
      publishes: isAdvisory ? [advisory] : [],
    };
    return { effect, keys };
  }

  /** Where less than the whole table is touched, nothing else of it may be by a way that the plan does not show. */
  #refined(
    bare: string,
    locks: readonly TableLock[],
    { accesses, bound }: Found & { readonly bound: ReadonlySet<string> },
  ): { readonly keys: ReadonlyMap<string, number>; readonly adds: ReadonlySet<string> } {
    const { onlyPrimary, onlyAdded } = this.#catalog;
    const keys = new Map<string, number>();
    const adds = new Set<string>();
    for (const { table, name } of locks) {
      const access = accesses.get(name);
      if (access === undefined || bound.has(table)) continue;
      if (access.kind === "adds" && onlyAdded.has(table)) adds.add(table);
      const isRow = access.kind === "row" && onlyPrimary.has(table) && !mayMoveRows(bare);
      if (isRow) keys.set(table, access.keyAt);
    }
    return { keys, adds };
  }
}

interface Found {
  readonly calls: Calls;
  readonly accesses: ReadonlyMap<string, Access>;
}

/** It may change a key itself, so that the row is another one afterwards. */
function mayMoveRows(bare: string): boolean {
  return (
    /(\bset|,)\s*(\w+\s*\.\s*)?id\s*=/.test(bare) ||
    /\bset\s*\(/.test(bare) ||
    bare.includes(someName)
  );
}

/** Names before a parenthesis, those of a table that is inserted into apart. */
function callsIn(bare: string): readonly string[] {
  const text = bare.replaceAll(/\binsert\s+into\s+[\w.]+\s*\(/g, "(");
  const names = [...text.matchAll(/([\w.]+)\s*\(/g)].map(([, name]) => name ?? "");
  return [...new Set(names.map((name) => name.replace(/^pg_catalog\./, "")))];
}

type Calls = "pure" | "advisory";

/** By the catalog: a function is pure if it is the server's own under that name alone, and not volatile. */
async function judgeCalls(
  client: PoolClient,
  names: readonly string[],
): Promise<Calls | "unknown"> {
  const { rows } = await client.query<{ name: string; kind: string }>(
    `SELECT name, CASE
       WHEN EXISTS (SELECT FROM pg_proc p WHERE p.proname = name
                     AND p.pronamespace <> 'pg_catalog'::regnamespace) THEN 'unknown'
       WHEN EXISTS (SELECT FROM pg_proc p WHERE p.proname = name AND p.provolatile = 'v') THEN 'volatile'
       WHEN EXISTS (SELECT FROM pg_proc p WHERE p.proname = name) THEN 'pure'
       WHEN EXISTS (SELECT FROM pg_get_keywords() k WHERE k.word = name) THEN 'pure'
       ELSE 'unknown' END AS kind
     FROM unnest($1::text[]) AS name`,
    [names],
  );
  let isAdvisory = false;
  for (const { name, kind } of rows) {
    if (kind === "unknown") return "unknown";
    const isLock = /^pg_(try_)?advisory_(xact_)?(un)?lock/.test(name);
    isAdvisory ||= isLock;
    if (kind === "volatile" && !isLock && !harmless.has(name)) return "unknown";
  }
  return isAdvisory ? "advisory" : "pure";
}

interface TableLock {
  /** The oid, as text; of a partition, that of the table it is a part of. */
  readonly table: string;
  /** `schema.name` */
  readonly name: string;
  readonly mode: string;
}

/** Unknown: it cannot be parsed, and whoever runs it will be told. */
async function parseLocks(
  client: PoolClient,
  text: string,
): Promise<TableLock[] | "unknown" | "in the way"> {
  await client.query("BEGIN; SET LOCAL lock_timeout = '50ms'");
  try {
    await describeStatement(client, text);
    const { rows } = await client.query<TableLock>(
      `SELECT coalesce(pg_partition_root(l.relation)::oid, l.relation)::text AS table, l.mode,
              n.nspname || '.' || c.relname AS name
         FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind <> 'i'
          AND c.relnamespace <> 'pg_catalog'::regnamespace`,
    );
    return rows;
  } catch (error) {
    return (error as { code?: string }).code === "55P03" ? "in the way" : "unknown";
  } finally {
    await client.query("ROLLBACK");
  }
}

interface Catalog {
  readonly isReadCommitted: boolean;
  readonly checksLate: boolean;
  /** Tables of which more happens than their statements say, and views that do more than give columns other names. */
  readonly strange: ReadonlySet<string>;
  /** Tables that foreign keys bind to a table. */
  readonly partners: ReadonlyMap<string, readonly string[]>;
  /** Tables whose only unique index is the primary key `id`: two of their rows have nothing to do with each other. */
  readonly onlyPrimary: ReadonlySet<string>;
  /** Tables in which a new row is in no other's way, and the same whoever comes first. */
  readonly onlyAdded: ReadonlySet<string>;
}

/** The triggers of the witness write a log that no bot reads. */
async function readCatalog(control: ControlDatabase): Promise<Catalog> {
  const [row] = await control.query(`
    SELECT current_setting('default_transaction_isolation') = 'read committed' AS is_read_committed,
      EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
               WHERE t.tgdeferrable AND c.relnamespace = current_schema()::regnamespace) AS checks_late,
      ARRAY(SELECT c.oid::text FROM pg_class c
             WHERE c.relnamespace = current_schema()::regnamespace
               AND (c.relkind NOT IN ('r', 'p', 'v') OR c.relrowsecurity
                 OR (SELECT count(*) FROM pg_rewrite r WHERE r.ev_class = c.oid) > (c.relkind = 'v')::int
                 OR (c.relkind = 'v' AND pg_get_viewdef(c.oid) ~ '[(]')
                 OR (NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid))
                 OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
                              AND t.tgname <> 'witness'))) AS strange,
      ARRAY(SELECT ARRAY[conrelid::text, confrelid::text] FROM pg_constraint WHERE contype = 'f') AS partners,
      ARRAY(SELECT c.oid::text FROM pg_class c
             WHERE c.relkind = 'r' AND NOT c.relispartition
               AND c.relnamespace = current_schema()::regnamespace
               AND (SELECT count(*) = 1 AND bool_and(i.indisprimary AND i.indnkeyatts = 1 AND a.attname = 'id')
                      FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                     WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion))) AS only_primary,
      ARRAY(SELECT c.oid::text FROM pg_class c
             WHERE c.relkind = 'r' AND NOT c.relispartition
               AND c.relnamespace = current_schema()::regnamespace
               AND NOT EXISTS (SELECT FROM pg_index i
                                WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion))
               AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity <> '')
               AND NOT EXISTS (SELECT FROM pg_attrdef d
                                WHERE d.adrelid = c.oid AND pg_get_expr(d.adbin, d.adrelid) ~ '[(]'
                                  AND pg_get_expr(d.adbin, d.adrelid) NOT IN ('now()', 'clock_timestamp()'))) AS only_added`);
  const pairs = (row?.["partners"] ?? []) as readonly (readonly [string, string])[];
  const partners = new Map<string, string[]>();
  for (const [one, other] of pairs.flatMap(([from, to]) => [
    [from, to] as const,
    [to, from] as const,
  ])) {
    partners.set(one, [...(partners.get(one) ?? []), other]);
  }
  return {
    isReadCommitted: row?.["is_read_committed"] === true,
    checksLate: row?.["checks_late"] === true,
    strange: new Set(row?.["strange"] as readonly string[]),
    onlyPrimary: new Set(row?.["only_primary"] as readonly string[]),
    onlyAdded: new Set(row?.["only_added"] as readonly string[]),
    partners,
  };
}
