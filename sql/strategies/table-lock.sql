-- strategy: table-lock
-- summary: lock the table of jobs, then read, mark and tell, in one transaction
-- transaction: read committed
-- verdict: safe
-- SHARE ROW EXCLUSIVE keeps other claims and all other changes out, and lets readers in. The statements after it read
-- anew, so what was claimed while the bot waited is seen.
-- step: lock
LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE;
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
