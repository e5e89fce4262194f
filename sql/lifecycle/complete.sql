-- lifecycle: complete
-- summary: settle a claim as done, free the bot and write the effect, all or nothing; fenced where the bot knows its attempt
-- A bot that was refused keeps its pointer where it holds the job after all, under another attempt than it said.
-- step: complete
WITH settled AS (
  UPDATE jobs SET status = 'succeeded', result = :result, finished_at = clock_timestamp(),
                  claimed_by = NULL, claimed_at = NULL, lease_until = NULL, version = version + 1
  WHERE id = :job_id AND status IN ('claimed', 'processing') AND (:attempt::int IS NULL OR (attempt = :attempt AND claimed_by = :bot_id))
  RETURNING id, attempt
), freed AS (
  UPDATE bots SET current_job_id = NULL, last_seen_at = clock_timestamp()
  WHERE id = :bot_id AND current_job_id = :job_id
    AND (EXISTS (SELECT FROM settled) OR NOT EXISTS (SELECT FROM jobs WHERE id = :job_id AND claimed_by = :bot_id))
)
INSERT INTO effects (job_id, attempt, bot_id, value)
SELECT id, attempt, :bot_id, :result FROM settled
RETURNING job_id, attempt;
