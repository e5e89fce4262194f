-- strategy: skip-locked-priority
-- summary: one statement locks the most urgent free job, the oldest of these, marks it and tells the bot
-- transaction: none
-- verdict: safe
-- An index has to have the very order of the claim (sql/indexes.sql), or every claim sorts the whole queue. No job grows
-- more urgent by waiting, so as long as urgent ones come faster than they are done, the others are not done at all.
-- step: claim
WITH next AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
    AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
  ORDER BY j.priority DESC, j.created_at, j.id
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
