-- lifecycle: rescue-unguarded
-- replaces: rescue
-- summary: reads which claims have expired, decides about them, and then takes them by their numbers, whatever became of them
-- verdict: unsafe
-- breaks: terminal-states
-- A job that is completed while the rescuer decides becomes pending again, and is done twice. The pause stands for what
-- such a rescuer does between the two statements: it looks each job's kind up, logs it, computes when to try it again.
-- step: find
SELECT array_agg(id) AS job_ids FROM jobs
WHERE claimed_by IS NOT NULL AND status IN ('claimed', 'processing') AND lease_until < clock_timestamp()
HAVING count(*) > 0;
-- step: decide
SELECT pg_sleep(0.05) AS decided;
-- step: release
WITH former AS MATERIALIZED (
  SELECT id, claimed_by FROM jobs WHERE id = ANY (:job_ids::bigint[])
), rescued AS (
  UPDATE jobs SET status = CASE WHEN attempt < max_attempts THEN 'pending' ELSE 'dead' END,
                  finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE clock_timestamp() END,
                  claimed_by = NULL, claimed_at = NULL, lease_until = NULL, version = version + 1
  FROM former WHERE jobs.id = former.id
  RETURNING jobs.id AS job_id, jobs.attempt, jobs.status, former.claimed_by AS bot_id
), freed AS (
  UPDATE bots SET current_job_id = NULL WHERE current_job_id = ANY (:job_ids::bigint[])
)
SELECT job_id, attempt, status, bot_id FROM rescued ORDER BY job_id;
