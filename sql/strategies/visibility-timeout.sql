-- strategy: visibility-timeout
-- summary: one statement locks the oldest job that is free or whose lease has run out, and marks it; no attempt is handed out
-- transaction: none
-- verdict: unsafe
-- breaks: fenced-settle
-- The same as lease-fencing, but its bots settle by the job alone. A bot that was slow comes back, and its answer is taken for
-- that of the bot that has the job now. As long as no lease runs out there is no difference.
-- setup:
CREATE INDEX jobs_unfinished ON jobs (created_at, id) WHERE status IN ('pending', 'claimed', 'processing');
-- step: claim
WITH next AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.run_at <= clock_timestamp() AND j.status IN ('pending', 'claimed', 'processing')
    AND CASE WHEN j.status = 'pending' THEN NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
             ELSE j.lease_until < clock_timestamp() END
  ORDER BY j.created_at, j.id
  LIMIT :limit
  FOR UPDATE OF j SKIP LOCKED
), claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = clock_timestamp() + :lease::interval,
                  attempt = jobs.attempt + 1, version = version + 1
  FROM next WHERE jobs.id = next.id
  RETURNING jobs.id AS job_id, jobs.attempt
), freed AS (
  UPDATE bots SET current_job_id = NULL
  WHERE id <> :bot_id AND current_job_id IN (SELECT job_id FROM claimed)
  RETURNING id
), assigned AS (
  -- Counting the freed sees to it that the former bot's row is cleared first: no two may name one job.
  UPDATE bots SET current_job_id = claimed.job_id, last_seen_at = clock_timestamp()
  FROM claimed, (SELECT count(*) FROM freed) AS done WHERE bots.id = :bot_id
)
SELECT job_id FROM claimed;
