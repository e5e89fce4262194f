-- lifecycle: start
-- summary: claimed → processing; a bot whose job is not its own any more is freed instead
-- step: start
WITH started AS (
  UPDATE jobs SET status = 'processing', version = version + 1
  WHERE id = :job_id AND status = 'claimed' AND (:attempt::int IS NULL OR (attempt = :attempt AND claimed_by = :bot_id))
  RETURNING id AS job_id, a, b
), freed AS (
  UPDATE bots SET current_job_id = NULL, last_seen_at = clock_timestamp()
  WHERE id = :bot_id AND current_job_id = :job_id AND NOT EXISTS (SELECT FROM started)
    AND NOT EXISTS (SELECT FROM jobs WHERE id = :job_id AND claimed_by = :bot_id)
)
SELECT job_id, a, b FROM started;
