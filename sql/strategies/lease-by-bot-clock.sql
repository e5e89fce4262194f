-- strategy: lease-by-bot-clock
-- summary: lease-fencing by the clock of the bot: whose clock is ahead takes over claims whose lease still holds
-- transaction: none
-- verdict: unsafe
-- breaks: single-grant
-- Every bot compares leases with its own clock, and writes them by it. As long as all clocks are right there is no
-- difference. One that is ahead by more than a lease finds every claim of the others over.
-- setup:
CREATE INDEX jobs_unfinished ON jobs (created_at, id) WHERE status IN ('pending', 'claimed', 'processing');
-- step: claim
WITH next AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.run_at <= clock_timestamp() AND j.status IN ('pending', 'claimed', 'processing')
    AND CASE WHEN j.status = 'pending' THEN NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
             ELSE j.lease_until < :now::timestamptz END
  ORDER BY j.created_at, j.id
  LIMIT :limit
  FOR UPDATE OF j SKIP LOCKED
), claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = :now::timestamptz + :lease::interval,
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
SELECT job_id, attempt FROM claimed;
