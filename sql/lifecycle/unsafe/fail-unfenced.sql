-- lifecycle: fail-unfenced
-- replaces: fail
-- summary: gives back whatever claim there is: a bot that was paused past its lease takes the job from another
-- verdict: unsafe
-- breaks: fenced-settle
-- step: fail
WITH settled AS (
  UPDATE jobs SET status = CASE WHEN attempt < max_attempts THEN 'pending' ELSE 'dead' END,
                  run_at = clock_timestamp() + least(:cap::interval, :base::interval * power(2, least(attempt, 30) - 1))
                                             * (1 - :jitter::float8 * :random::float8),
                  finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE clock_timestamp() END,
                  last_error = :error,
                  claimed_by = NULL, claimed_at = NULL, lease_until = NULL, version = version + 1
  WHERE id = :job_id AND status IN ('claimed', 'processing')
  RETURNING id AS job_id, attempt, status, run_at
), freed AS (
  UPDATE bots SET current_job_id = NULL, last_seen_at = clock_timestamp() WHERE current_job_id = :job_id
)
SELECT job_id, attempt, status,
       greatest(0, floor(extract(epoch FROM run_at - clock_timestamp()) * 1000))::int AS retry_in_ms
FROM settled;
