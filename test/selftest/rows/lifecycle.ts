import { readFileSync } from "node:fs";
import type { StrategyJudgement } from "../../../src/checks/judge.ts";
import { lifecycleSql } from "../../../src/service/lifecycle-file.ts";
import type { LifecycleName, LifecycleVariant } from "../../../src/service/lifecycle-file.ts";
import { Lifecycle } from "../../../src/service/lifecycle.ts";
import { parseSqlFile } from "../../../src/service/sql-file.ts";
import { loadStrategy, parseStrategy } from "../../../src/service/strategy.ts";
import type { Strategy } from "../../../src/service/strategy.ts";
import type { TestDatabase } from "../../setup/database.ts";
import { perform } from "../play.ts";
import type { Script } from "../play.ts";
import { failingWork, race } from "../race.ts";
import { mutated } from "../row.ts";
import type { Change, Row } from "../row.ts";

const firstRetryMs = 10_000;

/** What the bots of a play do. With the right lifecycle every one of them is legal, which is a row of its own. */
const scripts = {
  "every job is done": async () => undefined,

  "a paused bot completes a job that was rescued and granted to another": async (play) => {
    const mine = await play.granted(1);
    await play.start(1, mine);
    await play.rescue(mine.job);
    const theirs = await play.granted(2);
    await play.start(2, theirs);
    await play.complete(1, mine);
    await play.complete(2, theirs);
  },

  "a bot completes again after the answer was lost": async (play) => {
    const claim = await play.granted(1);
    await play.start(1, claim);
    await play.completeUnheard(1, claim);
    await play.complete(1, claim);
  },

  "a job fails and is done by another": async (play) => {
    const mine = await play.granted(1);
    await play.start(1, mine);
    await play.fail(1, mine);
    const theirs = await play.granted(2);
    await play.start(2, theirs);
    await play.complete(2, theirs);
  },

  "a job fails twice, and waits longer the second time": async (play) => {
    const first = await play.granted(1);
    await play.start(1, first);
    await play.fail(1, first);
    await play.pass(firstRetryMs);
    const second = await play.granted(1);
    await play.start(1, second);
    await play.fail(1, second);
    await play.pass(firstRetryMs);
    const theirs = await play.granted(2);
    await play.start(2, theirs);
    await play.complete(2, theirs);
    await play.pass(firstRetryMs);
  },

  "a paused bot fails a job that another has": async (play) => {
    const mine = await play.granted(1);
    await play.start(1, mine);
    await play.rescue(mine.job);
    const theirs = await play.granted(2);
    await play.start(2, theirs);
    await play.fail(1, mine);
    await play.complete(2, theirs);
  },

  "a bot fails a job that is completed": async (play) => {
    const claim = await play.granted(1);
    await play.start(1, claim);
    await play.complete(1, claim);
    await play.fail(1, claim);
  },

  "a bot starts what it gave back and another has": async (play) => {
    const mine = await play.granted(1);
    await play.start(1, mine);
    await play.fail(1, mine);
    const theirs = await play.granted(2);
    await play.start(2, theirs);
    await play.start(1, mine);
    await play.complete(2, theirs);
  },

  "a bot whose claim got lost asks what it holds": async (play) => {
    const theirs = await play.granted(1);
    await play.start(1, theirs);
    await play.resumeAfterLostClaim(2);
    await play.complete(1, theirs);
  },
} as const satisfies Readonly<Record<string, Script>>;

type ScriptName = keyof typeof scripts;

/** Plays in which failed jobs wait; in the others they may be claimed again at once. */
const waiting: ReadonlySet<ScriptName> = new Set<ScriptName>([
  "a job fails twice, and waits longer the second time",
]);

interface Mutant {
  readonly name: string;
  readonly statement: LifecycleName;
  readonly changes: readonly Change[];
  readonly script: ScriptName;
  readonly caughtBy: string;
}

const fence: Change = [
  " AND (:attempt::int IS NULL OR (attempt = :attempt AND claimed_by = :bot_id))",
  "",
];
const guard: Change = [" AND status IN ('claimed', 'processing')", ""];
/** A finished job has no holder, so the fence alone would stop what the guard is there to stop. */
const holder: Change = [" AND claimed_by = :bot_id", ""];
const backoff = `least(:cap::interval, :base::interval * power(2, least(attempt, 30) - 1))
                                             * (1 - :jitter::float8 * :random::float8)`;
const frees = "WHERE id = :bot_id AND current_job_id = :job_id";

const mutants: readonly Mutant[] = [
  {
    name: "complete without a fence",
    statement: "complete",
    changes: [[fence[0], " AND (:attempt::int IS NULL OR attempt > 0)"]],
    script: "a paused bot completes a job that was rescued and granted to another",
    caughtBy: "fenced-settle",
  },
  {
    name: "complete that does not look at the status, nor at who holds the job",
    statement: "complete",
    changes: [guard, holder],
    script: "a bot completes again after the answer was lost",
    caughtBy: "effect-once",
  },
  {
    name: "complete with neither fence nor guard",
    statement: "complete",
    changes: [[fence[0], " AND (:attempt::int IS NULL OR attempt > 0)"], guard],
    script: "a paused bot completes a job that was rescued and granted to another",
    caughtBy: "nothing-lost",
  },
  {
    name: "complete that writes the effect whether or not it settled",
    statement: "complete",
    changes: [
      [
        "SELECT id, attempt, :bot_id, :result FROM settled",
        "SELECT :job_id, :attempt, :bot_id, :result",
      ],
    ],
    script: "a bot completes again after the answer was lost",
    caughtBy: "effect-once",
  },
  {
    name: "complete that writes no effect",
    statement: "complete",
    changes: [
      [
        "INSERT INTO effects (job_id, attempt, bot_id, value)\nSELECT id, attempt, :bot_id, :result FROM settled\nRETURNING job_id, attempt",
        "SELECT id AS job_id, attempt FROM settled",
      ],
    ],
    script: "every job is done",
    caughtBy: "effect-once",
  },
  {
    name: "complete that writes another effect",
    statement: "complete",
    changes: [
      [
        "SELECT id, attempt, :bot_id, :result FROM settled",
        "SELECT id, attempt, :bot_id, :result + 1 FROM settled",
      ],
    ],
    script: "every job is done",
    caughtBy: "effect-once",
  },
  {
    name: "complete that does not free the bot",
    statement: "complete",
    changes: [[frees, `${frees} AND false`]],
    script: "every job is done",
    caughtBy: "jobs-bots-agree",
  },
  {
    name: "complete that leaves the holder in the row",
    statement: "complete",
    changes: [["claimed_by = NULL, ", ""]],
    script: "every job is done",
    caughtBy: "verification-queries",
  },
  {
    name: "complete that leaves the job in work",
    statement: "complete",
    changes: [["status = 'succeeded'", "status = 'processing'"]],
    script: "every job is done",
    caughtBy: "drained",
  },
  {
    name: "complete that puts the job back",
    statement: "complete",
    changes: [
      [
        "status = 'succeeded'",
        "status = CASE WHEN attempt = 1 THEN 'pending' ELSE 'succeeded' END",
      ],
    ],
    script: "every job is done",
    caughtBy: "terminal-states",
  },
  {
    name: "complete that removes the job",
    statement: "complete",
    changes: [
      [
        "UPDATE jobs SET status = 'succeeded', result = :result, finished_at = clock_timestamp(),\n                  claimed_by = NULL, claimed_at = NULL, lease_until = NULL, version = version + 1",
        "DELETE FROM jobs",
      ],
    ],
    script: "every job is done",
    caughtBy: "nothing-lost",
  },
  {
    name: "fail without a fence",
    statement: "fail",
    changes: [[fence[0], " AND (:attempt::int IS NULL OR attempt > 0)"]],
    script: "a paused bot fails a job that another has",
    caughtBy: "fenced-settle",
  },
  {
    name: "fail that makes nobody wait",
    statement: "fail",
    changes: [[`clock_timestamp() + ${backoff}`, "clock_timestamp()"]],
    script: "a job fails twice, and waits longer the second time",
    caughtBy: "single-grant",
  },
  {
    name: "fail that makes every retry wait as long as the first",
    statement: "fail",
    changes: [[" * power(2, least(attempt, 30) - 1)", ""]],
    script: "a job fails twice, and waits longer the second time",
    caughtBy: "single-grant",
  },
  {
    name: "fail that brings a completed job back",
    statement: "fail",
    changes: [guard, holder],
    script: "a bot fails a job that is completed",
    caughtBy: "terminal-states",
  },
  {
    name: "fail that counts attempts from the beginning again",
    statement: "fail",
    changes: [["last_error = :error,", "last_error = :error, attempt = 0,"]],
    script: "a job fails and is done by another",
    caughtBy: "single-grant",
  },
  {
    name: "fail that does not free the bot",
    statement: "fail",
    changes: [[frees, `${frees} AND false`]],
    script: "a job fails and is done by another",
    caughtBy: "jobs-bots-agree",
  },
  {
    name: "fail that keeps the job",
    statement: "fail",
    changes: [["THEN 'pending' ELSE", "THEN 'claimed' ELSE"]],
    script: "a bot starts what it gave back and another has",
    caughtBy: "drained",
  },
  {
    name: "fail that gives a job up and does not say when",
    statement: "fail",
    changes: [
      [
        "SET status = CASE WHEN attempt < max_attempts THEN 'pending' ELSE 'dead' END",
        "SET status = 'failed'",
      ],
    ],
    script: "a job fails and is done by another",
    caughtBy: "verification-queries",
  },
  {
    name: "start that asks nobody whose job it is",
    statement: "start",
    changes: [
      [fence[0], " AND (:attempt::int IS NULL OR attempt > 0)"],
      [" AND status = 'claimed'", ""],
    ],
    script: "a bot starts what it gave back and another has",
    caughtBy: "no-overlap",
  },
  {
    name: "resume that tells a bot what another holds",
    statement: "resume",
    changes: [["claimed_by = :bot_id AND ", ":bot_id::bigint IS NOT NULL AND "]],
    script: "a bot whose claim got lost asks what it holds",
    caughtBy: "single-grant",
  },
  {
    name: "enqueue that acknowledges a job that it does not store",
    statement: "enqueue",
    changes: [
      ["INSERT INTO", "WITH added AS (INSERT INTO"],
      [
        "RETURNING id AS job_id, key",
        "RETURNING id) SELECT id AS job_id, NULL AS key FROM added UNION ALL SELECT max(id) + 1, NULL FROM added",
      ],
    ],
    script: "every job is done",
    caughtBy: "nothing-lost",
  },
];

const jobs = 10;
const skipLocked = loadStrategy("skip-locked");

/** A strategy whose fault shows only when a job comes back. */
const sameAttemptAgain: Row = {
  name: "skip-locked, that does not count attempts; a job fails and is done by another",
  kind: "strategy",
  caughtBy: "single-grant",
  run: async (database) => {
    const strategy = skipLockedWith([
      ["attempt = jobs.attempt + 1", "attempt = greatest(jobs.attempt, 1)"],
    ]);
    const lifecycle = new Lifecycle();
    const script = scripts["a job fails and is done by another"];
    return await perform({ database, strategy, lifecycle, jobs }, script);
  },
};

function skipLockedWith(changes: readonly Change[]): Strategy {
  const text = mutated(readFileSync(skipLocked.file, "utf8"), ...changes);
  return parseStrategy(parseSqlFile(skipLocked.file, text));
}

/** The same fault in a real run, where the conductor writes down how long failed jobs must wait. */
const failsInARun: Row = {
  name: "fail that makes nobody wait, in a run",
  kind: "lifecycle",
  caughtBy: "single-grant",
  tries: 5,
  run: async (database) => {
    const step = mutated(lifecycleSql("fail"), [
      `clock_timestamp() + ${backoff}`,
      "clock_timestamp()",
    ]);
    const summary = "a failed job may be claimed again at once";
    const variant = { name: "fail-at-once", summary, replaces: "fail", breaks: "", steps: [step] };
    const strategy = { ...skipLocked, lifecycle: [variant as LifecycleVariant] };
    return await race(database, strategy, { scenario: failingWork, constraints: false });
  },
};

const waitsInARun: Row = {
  name: "jobs that fail and wait, in a run",
  kind: "lifecycle",
  caughtBy: null,
  run: (database) => race(database, skipLocked, { scenario: failingWork, constraints: true }),
};

export const lifecycle: readonly Row[] = [
  sameAttemptAgain,
  failsInARun,
  waitsInARun,
  ...mutants.map(wrong),
  ...(Object.keys(scripts) as ScriptName[]).map(right),
];

function wrong({ name, statement, changes, script, caughtBy }: Mutant): Row {
  const replaced = { [statement]: mutated(lifecycleSql(statement), ...changes) };
  return {
    name: script === "every job is done" ? name : `${name}; ${script}`,
    kind: "lifecycle",
    caughtBy,
    run: (database) => played(database, script, new Lifecycle(replaced)),
  };
}

function right(script: ScriptName): Row {
  return {
    name: script,
    kind: "lifecycle",
    caughtBy: null,
    run: (database) => played(database, script, new Lifecycle()),
  };
}

async function played(
  database: TestDatabase,
  script: ScriptName,
  statements: Lifecycle,
): Promise<StrategyJudgement> {
  const retry = waiting.has(script) ? { retryMs: firstRetryMs } : {};
  const options = { database, strategy: skipLocked, lifecycle: statements, jobs, ...retry };
  return await perform(options, scripts[script]);
}
