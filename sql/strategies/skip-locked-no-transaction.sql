-- strategy: skip-locked-no-transaction
-- summary: lock the oldest free job, then mark it and tell the bot, each statement on its own
-- transaction: none
-- verdict: unsafe
-- breaks: single-grant
-- The lock ends with the statement that took it, before the job is marked.
-- step: lock
SELECT j.id AS job_id FROM jobs j
WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
  AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
ORDER BY j.created_at, j.id
LIMIT 1
FOR UPDATE OF j SKIP LOCKED;
-- step: mark
UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                lease_until = clock_timestamp() + :lease::interval,
                attempt = attempt + 1, version = version + 1
WHERE id = :job_id
RETURNING id AS job_id, attempt;
-- step: assign
UPDATE bots SET current_job_id = :job_id, last_seen_at = clock_timestamp() WHERE id = :bot_id;
