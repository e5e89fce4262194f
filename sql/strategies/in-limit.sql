-- strategy: in-limit
-- summary: one statement marks the jobs whose id is IN a locking subselect with a LIMIT, and tells the bot
-- transaction: none
-- verdict: unsafe
-- breaks: no-over-claim
-- LIMIT bounds one run of the subselect, and nothing says how often it is run. Where the planner expects next to no
-- pending job (its statistics are from before the jobs came) it runs it anew for every pending job; each run passes
-- over the jobs that this statement has marked already, and finds the next: one claim takes the whole queue.
-- step: claim
WITH claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = clock_timestamp() + :lease::interval,
                  attempt = attempt + 1, version = version + 1
  WHERE id IN (
    SELECT j.id FROM jobs j
    WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
      AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
    ORDER BY j.created_at, j.id
    LIMIT :limit
    FOR UPDATE OF j SKIP LOCKED
  ) AND status = 'pending'
  RETURNING id AS job_id, attempt
), assigned AS (
  UPDATE bots SET current_job_id = (SELECT min(job_id) FROM claimed), last_seen_at = clock_timestamp()
  WHERE bots.id = :bot_id AND EXISTS (SELECT FROM claimed)
)
SELECT job_id, attempt FROM claimed;
