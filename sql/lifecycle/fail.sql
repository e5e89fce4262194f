-- lifecycle: fail
-- summary: settle a claim as failed: while attempts are left it waits and is tried again, else it is dead; frees the bot
-- It waits least(cap, base * 2^(attempt - 1)), of which the part `jitter` is drawn by lot: jobs that failed together must
-- not come back together. `random` is uniform in [0, 1), from the caller, so that a seed can repeat it; random() does as well.
-- step: fail
WITH settled AS (
  UPDATE jobs SET status = CASE WHEN attempt < max_attempts THEN 'pending' ELSE 'dead' END,
                  run_at = clock_timestamp() + least(:cap::interval, :base::interval * power(2, least(attempt, 30) - 1))
                                             * (1 - :jitter::float8 * :random::float8),
                  finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE clock_timestamp() END,
                  last_error = :error,
                  claimed_by = NULL, claimed_at = NULL, lease_until = NULL, version = version + 1
  WHERE id = :job_id AND status IN ('claimed', 'processing') AND (:attempt::int IS NULL OR (attempt = :attempt AND claimed_by = :bot_id))
  RETURNING id AS job_id, attempt, status, run_at
), freed AS (
  UPDATE bots SET current_job_id = NULL, last_seen_at = clock_timestamp()
  WHERE id = :bot_id AND current_job_id = :job_id
    AND (EXISTS (SELECT FROM settled) OR NOT EXISTS (SELECT FROM jobs WHERE id = :job_id AND claimed_by = :bot_id))
)
SELECT job_id, attempt, status,
       greatest(0, floor(extract(epoch FROM run_at - clock_timestamp()) * 1000))::int AS retry_in_ms
FROM settled;
