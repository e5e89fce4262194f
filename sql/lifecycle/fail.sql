-- lifecycle: fail
-- summary: settle a claim as failed: back to pending while attempts are left, else dead; frees the bot
-- step: fail
WITH settled AS (
  UPDATE jobs SET status = CASE WHEN attempt < max_attempts THEN 'pending' ELSE 'dead' END,
                  finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE clock_timestamp() END,
                  last_error = :error,
                  claimed_by = NULL, claimed_at = NULL, lease_until = NULL, version = version + 1
  WHERE id = :job_id AND status IN ('claimed', 'processing') AND (:attempt::int IS NULL OR attempt = :attempt)
  RETURNING id AS job_id, attempt
), freed AS (
  UPDATE bots SET current_job_id = NULL, last_seen_at = clock_timestamp()
  WHERE id = :bot_id AND current_job_id = :job_id
)
SELECT job_id, attempt FROM settled;
