-- strategy: repeatable-read
-- summary: read, mark and tell without a lock or a guard, in a REPEATABLE READ transaction that is tried again
-- transaction: repeatable read
-- verdict: safe
-- The same statements as naive-transaction. Here the second to mark a job changes a row that its snapshot has not seen
-- change, and is refused (40001).
-- step: find
SELECT j.id AS job_id FROM jobs j
WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
  AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
ORDER BY j.created_at, j.id
LIMIT 1;
-- step: mark
UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                lease_until = clock_timestamp() + :lease::interval,
                attempt = attempt + 1, version = version + 1
WHERE id = :job_id
RETURNING id AS job_id, attempt;
-- step: assign
UPDATE bots SET current_job_id = :job_id, last_seen_at = clock_timestamp() WHERE id = :bot_id;
