import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../../base/harness-error.ts";
import { packageRoot } from "../../base/package-root.ts";
import { oneLine } from "../../report/plain-text.ts";
import { readConstraints } from "../../service/constraints.ts";
import type { Counterexample, RecordedStep } from "./counterexample.ts";
import { strategyOf } from "./recorded-claimer.ts";
import { withValues } from "../sql-text.ts";

/** The schema that the exported test makes, and drops again. */
const schema = "doubletake_counterexample";

/**
 * A counterexample as a test of PostgreSQL's own isolationtester, with its order written down: whoever doubts our word
 * can run it with a tool that is not ours. A last session shows how the tables are left.
 *
 * HarnessError (usage) where a statement cannot be written in such a file, which has no way to quote a brace.
 */
export function isolationSpec(counterexample: Counterexample): string {
  const { steps, broken, strategy } = counterexample;
  if (steps.some(({ crash }) => crash !== undefined)) {
    const what = "isolationtester cannot cut a connection, and a bot crashes in this schedule";
    throw new HarnessError({ kind: "usage", what, hint: "look at it with doubletake replay" });
  }
  const isModule = counterexample.module !== undefined;
  const sent = steps.flatMap(sessionSteps);
  const bots = [...new Set(sent.map(({ bot }) => bot))].toSorted((one, other) => one - other);
  const sessions = bots.map((bot) => {
    const own = sent.filter((step) => step.bot === bot).map(({ name, sql }) => stepText(name, sql));
    return `session "bot ${bot}"\n${setUp}\n${own.join("\n")}`;
  });
  return [
    `# ${oneLine(strategy.reference)}: a schedule that breaks ${broken.map(({ property }) => property).join(", ")}`,
    ...broken.map(({ how }) => `# ${oneLine(how)}`),
    `setup\n${block(tablesSql(counterexample))}`,
    `teardown\n${block(`DROP SCHEMA ${schema} CASCADE;`)}`,
    ...sessions,
    ...(isModule ? [] : [lookSession]),
    `permutation ${[...sent.map(({ name }) => name), ...(isModule ? [] : looks)].map(quoted).join(" ")}`,
    "",
  ].join("\n\n");
}

interface SessionStep {
  readonly bot: number;
  readonly name: string;
  readonly sql: string;
}

/** Names must differ in the whole file, so they carry the number of the step. */
function sessionSteps(step: RecordedStep, at: number): readonly SessionStep[] {
  const { bot, name, before, sql, values } = step;
  const own = { bot, name: `${at + 1} ${name}`, sql: withValues(sql, values) };
  const earlier = before.map((text, place) => ({
    bot,
    name: `${at + 1}${"abcdefgh"[place] ?? "z"} ${text.split(/\W/, 1)[0]?.toLowerCase() ?? ""}`,
    sql: text,
  }));
  return [...earlier, own];
}

const setUp = `setup\n${block(`SET search_path = ${schema};`)}`;

/** Of a module nobody knows which of its tables tell anything. */
const looks = ["jobs at the end", "bots at the end"] as const;
const lookSession = `session "at the end"
${setUp}
${stepText(looks[0], "SELECT id, status, claimed_by, attempt FROM jobs ORDER BY id")}
${stepText(looks[1], "SELECT id, current_job_id FROM bots ORDER BY id")}`;

function tablesSql(counterexample: Counterexample): string {
  const { bots, jobs, constraints, module, strategy } = counterexample;
  if (module !== undefined) {
    if (!module.isSetUpWhole) throw unheardSetUp();
    return [`CREATE SCHEMA ${schema};`, `SET search_path = ${schema};`, strategy.sql].join("\n");
  }
  const { setup, tables } = strategyOf(counterexample);
  if (tables.length > 0) throw ownTables();
  const added = constraints ? readConstraints().map(({ sql }) => sql) : [];
  return [
    `CREATE SCHEMA ${schema};`,
    `SET search_path = ${schema};`,
    sqlFile("schema.sql"),
    ...setup.map(({ sql }) => sql),
    sqlFile("indexes.sql"),
    ...added,
    `INSERT INTO bots (id, name) SELECT n, 'bot ' || n FROM generate_series(1, ${bots}) AS n;`,
    `INSERT INTO jobs (a, b) SELECT n % 1000, (n * 7) % 1000 FROM generate_series(1, ${jobs}) AS n;`,
  ].join("\n");
}

function unheardSetUp(): HarnessError {
  return new HarnessError({
    kind: "usage",
    what: "the module has set up its tables by connections of its own, so that nobody knows how",
    hint: "have it use the pool that it is opened with, or look at --html and --json",
  });
}

/** They are made out of those of the reference in a way that takes more than SQL. */
function ownTables(): HarnessError {
  return new HarnessError({
    kind: "usage",
    what: "a strategy with tables of its own cannot be written as a test of isolationtester",
    hint: "--html and --json show the counterexample all the same",
  });
}

function sqlFile(name: string): string {
  return readFileSync(join(packageRoot, "sql", name), "utf8").trim();
}

function stepText(name: string, sql: string): string {
  return `step ${quoted(name)}\n${block(`${sql.trim().replace(/;$/, "")};`)}`;
}

function block(sql: string): string {
  if (!/[{}]/.test(sql)) return `{\n${sql}\n}`;
  throw new HarnessError({
    kind: "usage",
    what: "a statement with a brace cannot be written as a test of isolationtester",
    hint: "its files have no way to quote one; --html and --json show the counterexample all the same",
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', "'")}"`;
}
