-- strategy: skip-locked-by-type
-- summary: one statement locks the oldest free job of a type the bot can do, marks it and tells the bot
-- transaction: none
-- verdict: safe
-- Category queues in one table: bots of one type are not held up by a backlog of another, and a bot that names no types
-- takes any. The index that has the type first (sql/indexes.sql) finds the head of each without walking over the others.
-- step: claim
WITH next AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
    AND (:types::text[] IS NULL OR j.type = ANY (:types::text[]))
    AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
  ORDER BY j.created_at, j.id
  LIMIT :limit
  FOR UPDATE OF j SKIP LOCKED
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
