-- lifecycle: redrive
-- summary: make dead jobs pending again, with as many more attempts; these, or all of them
-- Attempts are counted on, never from the beginning: a bot that still believes in an old attempt must not settle a new one.
-- step: redrive
UPDATE jobs SET status = 'pending', max_attempts = attempt + :attempts::int, run_at = clock_timestamp(),
                finished_at = NULL, version = version + 1
WHERE status = 'dead' AND (:job_ids::bigint[] IS NULL OR id = ANY (:job_ids::bigint[]))
RETURNING id AS job_id, attempt;
