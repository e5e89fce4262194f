-- strategy: skip-locked-batch
-- summary: one statement locks as many of the oldest free jobs as were asked for, marks them and tells the bot of the first
-- transaction: none
-- verdict: safe
-- ARRAY(…) is run once, before the first row is looked at, so the limit holds whatever the plan; see in-limit. A bot's row
-- can name one job only: it names the first, which is the one that is worked on first.
-- step: claim
WITH claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = clock_timestamp() + :lease::interval,
                  attempt = attempt + 1, version = version + 1
  WHERE id = ANY (ARRAY(
    SELECT j.id FROM jobs j
    WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
      AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
    ORDER BY j.created_at, j.id
    LIMIT :limit
    FOR UPDATE OF j SKIP LOCKED
  ))
  RETURNING id AS job_id, attempt, created_at
), assigned AS (
  UPDATE bots SET current_job_id = (SELECT job_id FROM claimed ORDER BY created_at, job_id LIMIT 1),
                  last_seen_at = clock_timestamp()
  WHERE bots.id = :bot_id AND EXISTS (SELECT FROM claimed)
)
SELECT job_id, attempt FROM claimed ORDER BY created_at, job_id;
