import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PoolClient } from "pg";
import { assert } from "../base/assert.ts";
import { packageRoot } from "../base/package-root.ts";
import type { ConstraintsDetail } from "../history/event.ts";
import type { ControlDatabase } from "./control-database.ts";
import { bindNames } from "./named-parameters.ts";

/** One block of `sql/constraints.sql`. */
export interface Constraint {
  readonly name: string;
  /** SQLSTATE with which a row that breaks it is refused. */
  readonly refuses: string;
  /** A statement that breaks it, with the names of `probeRows`. */
  readonly probe: string;
  /** The statement that creates it. */
  readonly sql: string;
}

type Finding = ConstraintsDetail["constraints"][number];

const block = /^-- constraint: (\S+)\n-- refuses: (\S+)\n-- probe: (.+)\n([^;]*;)/gm;

export function readConstraints(): readonly Constraint[] {
  const text = readFileSync(join(packageRoot, "sql", "constraints.sql"), "utf8");
  const constraints = [...text.matchAll(block)].map(([, name, refuses, statement, sql]) => ({
    name: name ?? "",
    refuses: refuses ?? "",
    probe: statement ?? "",
    sql: sql ?? "",
  }));
  const declared = text.match(/^-- constraint:/gm)?.length ?? 0;
  assert(
    declared > 0 && constraints.length === declared,
    "every block of constraints.sql is whole",
  );
  return constraints;
}

export async function addConstraints(control: ControlDatabase): Promise<void> {
  for (const { sql } of readConstraints()) await control.query(sql);
}

/** Looks each constraint up in the catalog, and tries to break it in a transaction that is rolled back. */
export async function probeConstraints(control: ControlDatabase): Promise<ConstraintsDetail> {
  const present = await presentConstraints(control);
  const constraints = await control.withConnection(async (client) => {
    const findings: Finding[] = [];
    for (const constraint of readConstraints()) {
      findings.push(await probe(client, constraint, present.has(constraint.name)));
    }
    return findings;
  });
  return { what: "constraints", constraints };
}

/** A constraint counts as present when it is validated, an index when it is valid, unique and live. */
async function presentConstraints(control: ControlDatabase): Promise<ReadonlySet<unknown>> {
  const rows = await control.query(
    `SELECT conname AS name FROM pg_constraint
      WHERE connamespace = current_schema()::regnamespace AND convalidated
     UNION ALL
     SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relnamespace = current_schema()::regnamespace AND i.indisvalid AND i.indislive AND i.indisunique`,
  );
  return new Set(rows.map((row) => row["name"]));
}

async function probe(
  client: PoolClient,
  constraint: Constraint,
  isPresent: boolean,
): Promise<Finding> {
  const { name, refuses: expected } = constraint;
  await client.query("BEGIN");
  try {
    const rows = await probeRows(client);
    const { text, names } = bindNames(constraint.probe);
    const rejectedWith = await sqlStateOf(
      client,
      text,
      names.map((key) => rows[key]),
    );
    return { name, present: isPresent, rejectedWith, expected };
  } finally {
    await client.query("ROLLBACK");
  }
}

/** The rows that the probes start from; ids below zero are never a bot's or a job's of the run. */
async function probeRows(client: PoolClient): Promise<Readonly<Record<string, number>>> {
  const ids = {
    job_id: -101,
    other_job_id: -102,
    free_job_id: -103,
    bot_id: -101,
    other_bot_id: -102,
  };
  await client.query(
    `INSERT INTO jobs (id, a, b, status, claimed_by, claimed_at) OVERRIDING SYSTEM VALUE VALUES
       (-101, 1, 1, 'claimed', -101, clock_timestamp()),
       (-102, 1, 1, 'claimed', -102, clock_timestamp()),
       (-103, 1, 1, 'pending', NULL, NULL)`,
  );
  await client.query(
    `INSERT INTO bots (id, name, current_job_id) VALUES (-101, 'probe', -101), (-102, 'probe', -102)`,
  );
  return ids;
}

/** Null: the statement was accepted. The foreign key is checked at the end of the statement, so nothing is deferred. */
async function sqlStateOf(
  client: PoolClient,
  text: string,
  values: readonly (number | undefined)[],
): Promise<string | null> {
  try {
    await client.query(text, [...values]);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? "unknown error";
  }
}
