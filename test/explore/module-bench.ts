import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.ts";
import type { Counterexample } from "../../src/explore/counterexample/counterexample.ts";
import type { Exploration, ExploreRequest } from "../../src/explore/explore-strategy.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { explore, requestOf } from "./explorations.ts";

export const fixture = (name: string): string =>
  join(packageRoot, `test/fixtures/queues/${name}.mjs`);

export interface QueueText {
  /** The body of `claim(bot)`. */
  readonly claim: string;
  readonly more?: string;
  /** Before the default export. */
  readonly before?: string;
  readonly opening?: string;
  readonly context?: string;
}

/** A queue of one table, with this claim. */
export function queueText({ claim, ...other }: QueueText): string {
  const { more = "", before = "", opening = "", context = "{ pool }" } = other;
  return `${before}
    export default async (${context}) => {
      await pool.query("CREATE TABLE tickets (id serial PRIMARY KEY, bot int, attempt int NOT NULL DEFAULT 0)");
      ${opening}
      return {
        enqueue: async (count) => {
          const { rows } = await pool.query("INSERT INTO tickets (bot) SELECT NULL FROM generate_series(1, $1) RETURNING id", [count]);
          return rows.map(({ id }) => id);
        },
        claim: async (bot) => { ${claim} },
        complete: async (bot, { job }) => true,
        ${more}
      };
    };`;
}

/** A claim that is right. */
export const take = `const { rows } = await pool.query(
  "UPDATE tickets SET bot = $1, attempt = attempt + 1 WHERE id = (SELECT id FROM tickets WHERE bot IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id AS job, attempt", [bot]);
  return rows;`;

export interface ModuleTest extends Partial<ExploreRequest> {
  readonly file: string;
}

/** A database and a folder for modules, in which they are explored. */
export class ModuleBench implements AsyncDisposable {
  readonly database: TestDatabase;
  readonly #folder = mkdtempSync(join(tmpdir(), "doubletake-modules-"));
  #files = 0;

  private constructor(database: TestDatabase) {
    this.database = database;
  }

  static async open(): Promise<ModuleBench> {
    return new ModuleBench(await openDatabase());
  }

  /** The file. */
  write(text: string): string {
    const file = join(this.#folder, `queue-${++this.#files}.mjs`);
    writeFileSync(file, text);
    return file;
  }

  queue(text: QueueText): string {
    return this.write(queueText(text));
  }

  async explore({ file, ...other }: ModuleTest): Promise<Exploration> {
    return (await explore(requestOf(file, other), this.database)).exploration;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true });
    await this.database[Symbol.asyncDispose]();
  }
}

export function brokenIn({ properties }: Exploration): readonly string[] {
  return properties.filter(({ brokenIn: times }) => times > 0).map(({ property }) => property);
}

export function smallest({ counterexamples: [first] }: Exploration): Counterexample {
  if (first === undefined) throw new Error("nothing was broken");
  return first;
}
