-- strategy: session-lock
-- summary: read the oldest free job, take its advisory lock for the session, look again, mark it, give the lock back
-- transaction: none
-- verdict: safe
-- A session's lock outlives every statement and every rollback, so it must be given back on each way out: a mark that
-- matches no row does not end the claim, and only the last step asks who has the job. What was done by then is committed,
-- so a bot that lost has to ask what it holds: each such loss costs it a question. And the session must be the bot's own
-- for the whole claim, which behind a pooler that hands connections out by the transaction it is not.
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
WITH claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = clock_timestamp() + :lease::interval,
                  attempt = attempt + 1, version = version + 1
  WHERE id = :job_id AND status = 'pending'
  RETURNING id
)
UPDATE bots SET current_job_id = claimed.id, last_seen_at = clock_timestamp() FROM claimed WHERE bots.id = :bot_id;
-- step: unlock
SELECT pg_advisory_unlock(hashtextextended(current_schema(), :job_id::bigint));
-- step: claimed
-- expect: rows
SELECT id AS job_id, attempt FROM jobs WHERE id = :job_id AND claimed_by = :bot_id AND status = 'claimed';
