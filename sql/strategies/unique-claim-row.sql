-- strategy: unique-claim-row
-- summary: read the oldest free job, write a claim of its next attempt, which can be written once, then mark it and tell the bot
-- transaction: read committed
-- verdict: safe
-- The primary key is the judge: who writes the same claim later waits for the first to commit and then writes nothing. No
-- lock on jobs and no guard is needed, and a claim stays on record after its job is done.
-- setup:
CREATE TABLE claims (
  job_id  bigint      NOT NULL,
  attempt int         NOT NULL,
  bot_id  bigint      NOT NULL,
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (job_id, attempt)
);
-- step: find
SELECT j.id AS job_id, j.attempt + 1 AS attempt FROM jobs j
WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
  AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
ORDER BY j.created_at, j.id
LIMIT 1;
-- step: claim
-- expect: rows
INSERT INTO claims (job_id, attempt, bot_id) VALUES (:job_id, :attempt, :bot_id)
ON CONFLICT (job_id, attempt) DO NOTHING;
-- step: mark
UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                lease_until = clock_timestamp() + :lease::interval,
                attempt = :attempt, version = version + 1
WHERE id = :job_id
RETURNING id AS job_id, attempt;
-- step: assign
UPDATE bots SET current_job_id = :job_id, last_seen_at = clock_timestamp() WHERE id = :bot_id;
