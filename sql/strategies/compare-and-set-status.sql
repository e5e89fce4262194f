-- strategy: compare-and-set-status
-- summary: read the oldest free job, take it if it is still pending, else try again
-- transaction: none
-- verdict: safe
-- The guard is read again when the row's lock is had, so the second of two bots finds it claimed and matches no row.
-- step: find
SELECT j.id AS job_id FROM jobs j
WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
  AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
ORDER BY j.created_at, j.id
LIMIT 1;
-- step: take
-- expect: rows
WITH claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = clock_timestamp() + :lease::interval,
                  attempt = attempt + 1, version = version + 1
  WHERE id = :job_id AND status = 'pending'
  RETURNING id AS job_id, attempt
), assigned AS (
  UPDATE bots SET current_job_id = claimed.job_id, last_seen_at = clock_timestamp()
  FROM claimed WHERE bots.id = :bot_id
)
SELECT job_id, attempt FROM claimed;
