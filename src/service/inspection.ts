import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { PoolClient } from "pg";
import { packageRoot } from "../base/package-root.ts";
import type {
  AgreementDetail,
  FinalDetail,
  JobRange,
  VerificationDetail,
} from "../history/event.ts";
import type { ControlDatabase, Row } from "./control-database.ts";
import { readSqlFile } from "./sql-file.ts";

interface VerificationQuery {
  readonly name: string;
  readonly comparesJobsAndBots: boolean;
  /** Its question makes sense only where a bot holds no more than one job. */
  readonly isForSingleJobs: boolean;
  readonly sql: string;
}

type QueryFinding = VerificationDetail["queries"][number];

const rowsShown = 10;
const folder = join(packageRoot, "sql", "verification");

export function verificationQueries(): readonly VerificationQuery[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  return files.toSorted().map((file) => {
    const read = readSqlFile(join(folder, file));
    return {
      name: basename(file, ".sql"),
      comparesJobsAndBots: read.header.get("compares")?.value === "jobs and bots",
      isForSingleJobs: read.header.get("applies")?.value === "one job a bot",
      sql: read.steps[0]?.sql ?? "",
    };
  });
}

/** How many jobs a bot may hold at once. */
interface Bounds {
  readonly jobsPerBot: number;
}

const singleJobs: Bounds = { jobsPerBot: 1 };

/**
 * Jobs and bots as they stand in one snapshot, in both directions. A bot points at one job: where it may hold several,
 * only what it points at can be wrong, and that it does not point at one of them says nothing.
 */
export async function inspectAgreement(
  control: ControlDatabase,
  bounds: Bounds = singleJobs,
): Promise<AgreementDetail> {
  const queries = queriesFor(bounds).filter((query) => query.comparesJobsAndBots);
  const findings = await inOneSnapshot(control, (client) => findAll(client, queries));
  const rows = findings.flatMap((finding) => finding.rows.map(disagreement));
  const count = findings.reduce((sum, finding) => sum + finding.count, 0);
  return { what: "agreement", count, rows: rows.slice(0, rowsShown) };
}

/** Every file of `sql/verification` that applies, in one snapshot. */
export async function inspectVerification(
  control: ControlDatabase,
  bounds: Bounds = singleJobs,
): Promise<VerificationDetail> {
  const queries = await inOneSnapshot(control, (client) => findAll(client, queriesFor(bounds)));
  return { what: "verification", queries };
}

function queriesFor({ jobsPerBot }: Bounds): readonly VerificationQuery[] {
  return verificationQueries().filter((query) => jobsPerBot === 1 || !query.isForSingleJobs);
}

/** All jobs by status, and what their effects came to. */
export async function inspectFinal(control: ControlDatabase): Promise<FinalDetail> {
  return await inOneSnapshot(control, async (client) => ({
    what: "final",
    jobs: await jobsByStatus(client),
    effects: await effects(client),
  }));
}

async function inOneSnapshot<T>(
  control: ControlDatabase,
  read: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return await control.withConnection(async (client) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return await read(client);
  });
}

async function findAll(
  client: PoolClient,
  queries: readonly VerificationQuery[],
): Promise<QueryFinding[]> {
  const findings: QueryFinding[] = [];
  for (const { name, sql } of queries) {
    // Bots below zero are put there by faults; what is wrong with them is not the strategy's doing.
    const found = await client.query<Row>(
      `SELECT *, count(*) OVER () AS found FROM (${sql}) AS found_rows
        WHERE bot_id IS NULL OR bot_id > 0 LIMIT ${rowsShown}`,
    );
    const rows = found.rows.map(({ found: _found, ...row }) => row);
    findings.push({ name, count: Number(found.rows[0]?.["found"] ?? 0), rows });
  }
  return findings;
}

function disagreement(row: Row): AgreementDetail["rows"][number] {
  return {
    ...(row["job_id"] === null ? {} : { job: Number(row["job_id"]) }),
    ...(row["bot_id"] === null ? {} : { bot: Number(row["bot_id"]) }),
    problem: String(row["problem"]),
  };
}

async function jobsByStatus(client: PoolClient): Promise<FinalDetail["jobs"]> {
  const found = await client.query<{ status: string; first: string; last: string }>(
    `SELECT status, min(id) AS first, max(id) AS last
       FROM (SELECT status, id, id - row_number() OVER (PARTITION BY status ORDER BY id) AS island FROM jobs) AS runs
      GROUP BY status, island ORDER BY status, min(id)`,
  );
  const ranges = new Map<string, JobRange[]>();
  for (const { status, first, last } of found.rows) {
    const known = ranges.get(status) ?? [];
    known.push([Number(first), Number(last)]);
    ranges.set(status, known);
  }
  return [...ranges].map(([status, ids]) => ({ status, ids }));
}

async function effects(client: PoolClient): Promise<FinalDetail["effects"]> {
  const total = await client.query<{ total: string }>("SELECT count(*) AS total FROM effects");
  const repeated = await client.query<{ job: string; times: string; jobs: string }>(
    `SELECT job_id AS job, count(*) AS times, count(*) OVER () AS jobs FROM effects
      GROUP BY job_id HAVING count(*) > 1 ORDER BY job_id LIMIT ${rowsShown}`,
  );
  const missing = await client.query<{ job: string; jobs: string }>(
    `SELECT j.id AS job, count(*) OVER () AS jobs FROM jobs j
      WHERE j.status = 'succeeded'
        AND NOT EXISTS (SELECT FROM effects e WHERE e.job_id = j.id AND e.value = j.a + j.b)
      ORDER BY j.id LIMIT ${rowsShown}`,
  );
  return {
    total: Number(total.rows[0]?.total ?? 0),
    repeated: repeated.rows.map((row) => ({ job: Number(row.job), times: Number(row.times) })),
    repeatedCount: Number(repeated.rows[0]?.jobs ?? 0),
    missing: missing.rows.map((row) => Number(row.job)),
    missingCount: Number(missing.rows[0]?.jobs ?? 0),
  };
}
