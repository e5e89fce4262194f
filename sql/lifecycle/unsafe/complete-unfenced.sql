-- lifecycle: complete-unfenced
-- replaces: complete
-- summary: settles whatever claim there is: a bot that was paused past its lease settles the claim of another
-- verdict: unsafe
-- breaks: fenced-settle
-- step: complete
WITH settled AS (
  UPDATE jobs SET status = 'succeeded', result = :result, finished_at = clock_timestamp(),
                  claimed_by = NULL, claimed_at = NULL, lease_until = NULL, version = version + 1
  WHERE id = :job_id AND status IN ('claimed', 'processing')
  RETURNING id, attempt
), freed AS (
  UPDATE bots SET current_job_id = NULL, last_seen_at = clock_timestamp() WHERE current_job_id = :job_id
)
INSERT INTO effects (job_id, attempt, bot_id, value)
SELECT id, attempt, :bot_id, :result FROM settled
RETURNING job_id, attempt;
