-- strategy: skip-locked-subselect
-- summary: one statement marks the oldest free job, which a subselect locks, and tells the bot
-- transaction: none
-- verdict: safe
-- `=` takes one row from the subselect and runs it once. The same with IN is in-limit, which is not the same.
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
    FOR UPDATE OF j SKIP LOCKED
  )
  RETURNING id AS job_id, attempt
), assigned AS (
  UPDATE bots SET current_job_id = claimed.job_id, last_seen_at = clock_timestamp()
  FROM claimed WHERE bots.id = :bot_id
)
SELECT job_id, attempt FROM claimed;
