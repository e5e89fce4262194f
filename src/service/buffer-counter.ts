import type { ControlDatabase } from "./control-database.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { Strategy } from "./strategy.ts";

/**
 * Shared buffers that the bots' statements looked at, told by pg_stat_statements: where the server has it loaded
 * (`environment.settings: { shared_preload_libraries: pg_stat_statements }`). The harness's own statements run beside
 * them, so only those that begin like a bot's are counted.
 */
export class BufferCounter {
  readonly #control: ControlDatabase;
  /** The extension's view, in whatever schema it was installed. */
  readonly #view: string;
  readonly #prefixes: readonly string[];
  #before = 0;

  private constructor(control: ControlDatabase, view: string, prefixes: readonly string[]) {
    this.#control = control;
    this.#view = view;
    this.#prefixes = prefixes;
  }

  /** Null where the extension is not loaded, or not installed and not ours to install. */
  static async open(
    control: ControlDatabase,
    { strategy, mayInstall }: { readonly strategy: Strategy; readonly mayInstall: boolean },
  ): Promise<BufferCounter | null> {
    const view = await findView(control, mayInstall);
    if (view === null) return null;
    const lifecycle = new Lifecycle();
    const settling = (["start", "complete", "fail"] as const).map((name) =>
      lifecycle.statement(name, {}),
    );
    const texts = [
      ...strategy.steps.map(({ bound }) => bound.text),
      ...settling.map(({ text }) => text),
    ];
    const counter = new BufferCounter(control, view, texts.map(constantPrefix));
    counter.#before = await counter.#total();
    return counter;
  }

  async sinceOpened(): Promise<number> {
    return (await this.#total()) - this.#before;
  }

  async #total(): Promise<number> {
    const rows = await this.#control.query(
      `SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::float8 AS buffers
       FROM ${this.#view} JOIN pg_database d ON d.oid = dbid
       WHERE d.datname = current_database()
         AND EXISTS (SELECT FROM unnest($1::text[]) AS prefix WHERE starts_with(query, prefix))`,
      [this.#prefixes],
    );
    return Number(rows[0]?.["buffers"]);
  }
}

async function findView(control: ControlDatabase, mayInstall: boolean): Promise<string | null> {
  const [row] = await control.query(
    `SELECT current_setting('shared_preload_libraries') ~ '\\ypg_stat_statements\\y' AS is_loaded,
            (SELECT quote_ident(nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
             WHERE extname = 'pg_stat_statements') AS schema`,
  );
  if (row?.["is_loaded"] !== true) return null;
  if (typeof row["schema"] === "string") return `${row["schema"]}.pg_stat_statements`;
  if (!mayInstall) return null;
  await control.query("CREATE EXTENSION pg_stat_statements SCHEMA public");
  return "public.pg_stat_statements";
}

/** The extension replaces constants by `$n`: the text is the same up to the first of them. */
function constantPrefix(text: string): string {
  return /^[^'$\d]*/.exec(text)?.[0] ?? text;
}
