-- strategy: for-no-key-update
-- summary: one statement locks the oldest free job against all but foreign keys, marks it and tells the bot
-- transaction: none
-- verdict: safe
-- Who adds a row that refers to a job keeps a KEY SHARE lock on the job until he commits. That is in the way of FOR UPDATE:
-- skip-locked passes over the job as if it were taken. A claim does not change the key, and need not lock it.
-- step: claim
WITH next AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
    AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
  ORDER BY j.created_at, j.id
  LIMIT :limit
  FOR NO KEY UPDATE OF j SKIP LOCKED
), claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = clock_timestamp() + :lease::interval,
                  attempt = jobs.attempt + 1, version = version + 1
  FROM next WHERE jobs.id = next.id
  RETURNING jobs.id AS job_id, jobs.attempt
), assigned AS (
  UPDATE bots SET current_job_id = claimed.job_id, last_seen_at = clock_timestamp()
  FROM claimed WHERE bots.id = :bot_id
)
SELECT job_id, attempt FROM claimed;
