-- strategy: advisory-lock-no-recheck
-- summary: take the advisory lock of the oldest free job that has it free, and trust what was read before
-- transaction: read committed
-- verdict: unsafe
-- breaks: single-grant
-- The same as advisory-lock without the guard: the jobs were read before the lock was had.
-- step: lock
WITH free AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
    AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
  ORDER BY j.created_at, j.id
)
SELECT id AS job_id FROM free
WHERE pg_try_advisory_xact_lock(hashtextextended(current_schema(), id))
LIMIT 1;
-- step: mark
UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                lease_until = clock_timestamp() + :lease::interval,
                attempt = attempt + 1, version = version + 1
WHERE id = :job_id
RETURNING id AS job_id, attempt;
-- step: assign
UPDATE bots SET current_job_id = :job_id, last_seen_at = clock_timestamp() WHERE id = :bot_id;
