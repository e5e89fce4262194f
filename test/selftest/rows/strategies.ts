import { readFileSync } from "node:fs";
import { parseSqlFile } from "../../../src/service/sql-file.ts";
import { loadStrategy, parseStrategy } from "../../../src/service/strategy.ts";
import { barrier, drain, poisonedHead, race, sharedKeys, slowWork } from "../race.ts";
import type { Race } from "../race.ts";
import { mutated } from "../row.ts";
import type { Change, Row } from "../row.ts";

/** A strategy that is wrong may win its race by luck, so it is raced again, up to so often. */
const mostRaces = 20;

interface Mutant {
  readonly name: string;
  readonly of: string;
  readonly changes: readonly Change[];
  readonly caughtBy: string;
  readonly race?: Race;
}

const atTheBarrier: Race = { scenario: barrier, constraints: false };
const assigned = "FROM claimed WHERE bots.id = :bot_id";
const claimedOfSkipLocked = `claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = clock_timestamp() + :lease::interval,
                  attempt = jobs.attempt + 1, version = version + 1
  FROM next WHERE jobs.id = next.id
  RETURNING jobs.id AS job_id, jobs.attempt
)`;

const nestedLoops = `SELECT ${["hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize"]
  .map((method) => `set_config('enable_${method}', 'off', true)`)
  .join(", ")}`;

const mutants: readonly Mutant[] = [
  {
    name: "compare-and-set on the status, without the comparison",
    of: "compare-and-set-status",
    changes: [[" AND status = 'pending'\n  RETURNING", "\n  RETURNING"]],
    caughtBy: "single-grant",
  },
  {
    name: "compare-and-set on a version that does not change",
    of: "compare-and-set-version",
    changes: [[", version = version + 1", ""]],
    caughtBy: "single-grant",
  },
  {
    name: "repeatable-read, at READ COMMITTED",
    of: "repeatable-read",
    changes: [["transaction: repeatable read", "transaction: read committed"]],
    caughtBy: "single-grant",
  },
  {
    name: "for-update, outside a transaction",
    of: "for-update",
    changes: [["transaction: read committed", "transaction: none"]],
    caughtBy: "single-grant",
  },
  {
    name: "table-lock, in a mode that lets others change rows",
    of: "table-lock",
    changes: [["IN SHARE ROW EXCLUSIVE MODE", "IN ROW EXCLUSIVE MODE"]],
    caughtBy: "single-grant",
  },
  {
    name: "advisory-lock, of the session, never given back",
    of: "advisory-lock",
    changes: [["pg_try_advisory_xact_lock", "pg_try_advisory_lock"]],
    caughtBy: "nothing-left-locked",
    race: { scenario: drain, constraints: false, loadMs: 500 },
  },
  {
    name: "skip-locked, telling no bot",
    of: "skip-locked",
    changes: [[assigned, `${assigned} AND false`]],
    caughtBy: "jobs-bots-agree",
    race: { scenario: slowWork, constraints: false },
  },
  {
    name: "skip-locked, telling every bot",
    of: "skip-locked",
    changes: [[assigned, "FROM claimed WHERE bots.id > 0"]],
    caughtBy: "verification-queries",
    race: { scenario: drain, constraints: false },
  },
  {
    name: "skip-locked, of one job more than was asked for",
    of: "skip-locked",
    changes: [["LIMIT :limit", "LIMIT :limit + 1"]],
    caughtBy: "no-over-claim",
    race: { scenario: drain, constraints: false },
  },
  {
    // Stale statistics bring the planner to this on its own; here it is told to, so that it does every time.
    name: "IN (… LIMIT 1 … SKIP LOCKED), planned so that the subquery is run for every row",
    of: "single-update",
    changes: [
      ["transaction: none", "transaction: read committed"],
      ["-- step: claim\n", `-- step: plan\n${nestedLoops};\n-- step: claim\n`],
      ["WHERE id = (", "WHERE status = 'pending' AND id IN ("],
      ["LIMIT 1\n", "LIMIT 1 FOR UPDATE OF j SKIP LOCKED\n"],
    ],
    caughtBy: "no-over-claim",
  },
  {
    name: "skip-locked, with the attempt that comes next",
    of: "skip-locked",
    changes: [["SELECT job_id, attempt FROM", "SELECT job_id, attempt + 1 AS attempt FROM"]],
    caughtBy: "drained",
    race: { scenario: barrier, constraints: false },
  },
  {
    name: "skip-locked, that takes the job out before the work is done",
    of: "skip-locked",
    changes: [
      [
        claimedOfSkipLocked,
        "claimed AS (DELETE FROM jobs USING next WHERE jobs.id = next.id RETURNING jobs.id AS job_id, 1 AS attempt)",
      ],
    ],
    caughtBy: "nothing-lost",
    race: { scenario: drain, constraints: false },
  },
  {
    name: "skip-locked, that adds a job of its own to each",
    of: "skip-locked",
    changes: [
      [
        "assigned AS (",
        "added AS (INSERT INTO jobs (a, b) SELECT 1, 1 FROM claimed WHERE job_id <= 12), assigned AS (",
      ],
    ],
    caughtBy: "nothing-lost",
    race: { scenario: drain, constraints: false },
  },
  {
    name: "skip-locked, that does not pass over a job that a bot points at",
    of: "skip-locked",
    changes: [["\n    AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)", ""]],
    caughtBy: "no-head-of-line-block",
    race: { scenario: poisonedHead, constraints: true, loadMs: 300 },
  },
];

/** Right as long as jobs have no keys. */
const blindToKeys: Row = {
  name: "skip-locked, where jobs have keys",
  kind: "strategy",
  caughtBy: "serial-keys",
  tries: mostRaces,
  run: (database) =>
    race(database, loadStrategy("skip-locked"), { scenario: sharedKeys, constraints: false }),
};

const oneOfAKey: Row = {
  name: "serial-key, where jobs have keys",
  kind: "strategy",
  caughtBy: null,
  run: (database) =>
    race(database, loadStrategy("serial-key"), { scenario: sharedKeys, constraints: true }),
};

export const strategyMutants: readonly Row[] = [...mutants.map(raced), blindToKeys, oneOfAKey];

function raced({ name, of, changes, caughtBy, race: options = atTheBarrier }: Mutant): Row {
  const { file } = loadStrategy(of);
  const text = mutated(readFileSync(file, "utf8"), ...changes);
  const strategy = parseStrategy(parseSqlFile(file, text));
  return {
    name,
    kind: "strategy",
    caughtBy,
    tries: mostRaces,
    run: (database) => race(database, strategy, options),
  };
}
