-- lifecycle: complete-by-id
-- replaces: complete
-- summary: settles by the job's number alone: neither who holds it nor whether it is done already is looked at
-- verdict: unsafe
-- breaks: effect-once
-- step: complete
WITH settled AS (
  UPDATE jobs SET status = 'succeeded', result = :result, finished_at = clock_timestamp(),
                  claimed_by = NULL, claimed_at = NULL, lease_until = NULL, version = version + 1
  WHERE id = :job_id
  RETURNING id, attempt
), freed AS (
  UPDATE bots SET current_job_id = NULL, last_seen_at = clock_timestamp() WHERE current_job_id = :job_id
)
INSERT INTO effects (job_id, attempt, bot_id, value)
SELECT id, attempt, :bot_id, :result FROM settled
RETURNING job_id, attempt;
