-- strategy: compare-and-set-version
-- summary: read the oldest free job, take it if its version is still the one that was read, else try again
-- transaction: none
-- verdict: safe
-- Nothing is locked while the bot thinks. All bots read the same job, and all but one lose: safe, and slow in a crowd.
-- step: find
SELECT j.id AS job_id, j.version FROM jobs j
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
  WHERE id = :job_id AND version = :version
  RETURNING id AS job_id, attempt
), assigned AS (
  UPDATE bots SET current_job_id = claimed.job_id, last_seen_at = clock_timestamp()
  FROM claimed WHERE bots.id = :bot_id
)
SELECT job_id, attempt FROM claimed;
