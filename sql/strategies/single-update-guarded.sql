-- strategy: single-update-guarded
-- summary: one statement marks the oldest free job and tells the bot, without a lock, if it is still pending
-- transaction: none
-- verdict: unsafe
-- breaks: no-false-empty
-- No job is granted twice: who waited for the row finds it claimed. But then the claim matches no row at all, and its bot
-- is told that there is no work while the queue is full.
-- step: claim
WITH claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = clock_timestamp() + :lease::interval,
                  attempt = attempt + 1, version = version + 1
  WHERE id = (
    SELECT j.id FROM jobs j
    WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
      AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
    ORDER BY j.created_at, j.id
    LIMIT 1
  ) AND status = 'pending'
  RETURNING id AS job_id, attempt
), assigned AS (
  UPDATE bots SET current_job_id = claimed.job_id, last_seen_at = clock_timestamp()
  FROM claimed WHERE bots.id = :bot_id
)
SELECT job_id, attempt FROM claimed;
