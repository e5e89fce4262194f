-- strategy: advisory-lock
-- summary: take the advisory lock of the oldest free job that has it free, look again, then mark it and tell the bot
-- transaction: read committed
-- verdict: safe
-- The jobs are read before their locks are had, so a job may have been claimed and its lock given back in between: that
-- is what the guard of the next statement, which reads anew, looks for. The list stands in a CTE because a planner that
-- sorts it would take the lock of every job. Advisory locks are the database's, hence the schema in the key.
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
-- expect: rows
UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                lease_until = clock_timestamp() + :lease::interval,
                attempt = attempt + 1, version = version + 1
WHERE id = :job_id AND status = 'pending'
RETURNING id AS job_id, attempt;
-- step: assign
UPDATE bots SET current_job_id = :job_id, last_seen_at = clock_timestamp() WHERE id = :bot_id;
