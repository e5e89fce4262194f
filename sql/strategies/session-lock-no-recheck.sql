-- strategy: session-lock-no-recheck
-- summary: read the oldest free job, take its advisory lock for the session, mark it and tell the bot, give the lock back
-- transaction: none
-- verdict: unsafe
-- breaks: single-grant
-- The same as session-lock without the guard: the job was read before its lock was had, and by then another bot
-- may have claimed it and given the lock back.
-- step: find
SELECT j.id AS job_id FROM jobs j
WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
  AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
ORDER BY j.created_at, j.id
LIMIT 1;
-- step: lock
-- expect: rows
SELECT true AS locked WHERE pg_try_advisory_lock(hashtextextended(current_schema(), :job_id::bigint));
-- step: mark
UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                lease_until = clock_timestamp() + :lease::interval,
                attempt = attempt + 1, version = version + 1
WHERE id = :job_id
RETURNING id AS job_id, attempt;
-- step: assign
UPDATE bots SET current_job_id = :job_id, last_seen_at = clock_timestamp() WHERE id = :bot_id;
-- step: unlock
SELECT pg_advisory_unlock(hashtextextended(current_schema(), :job_id::bigint));
