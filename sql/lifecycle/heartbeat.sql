-- lifecycle: heartbeat
-- summary: let a claim's lease run anew from now; a bot that is refused does not hold the job any more, and is freed
-- A lease that has run out is renewed, too, as long as nobody has taken the job: only a rescue ends a claim, not the clock.
-- step: heartbeat
WITH renewed AS (
  UPDATE jobs SET lease_until = clock_timestamp() + :lease::interval, version = version + 1
  WHERE id = :job_id AND status IN ('claimed', 'processing') AND (:attempt::int IS NULL OR (attempt = :attempt AND claimed_by = :bot_id))
  RETURNING id AS job_id, attempt
), freed AS (
  UPDATE bots SET current_job_id = NULL, last_seen_at = clock_timestamp()
  WHERE id = :bot_id AND current_job_id = :job_id AND NOT EXISTS (SELECT FROM renewed)
    AND NOT EXISTS (SELECT FROM jobs WHERE id = :job_id AND claimed_by = :bot_id)
)
SELECT job_id, attempt FROM renewed;
