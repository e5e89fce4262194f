-- lifecycle: rescue
-- summary: take expired claims from their holders: pending again while attempts are left, else dead
-- Status, attempt and lease are looked at again where the row is changed: between reading and changing it the job may have
-- been completed, or its lease renewed. Locked rows are passed over, because somebody is settling or renewing them.
-- A bot's pointer is compared in the row as it is when it is changed, not as it was when this statement began.
-- step: rescue
WITH expired AS MATERIALIZED (
  SELECT id, attempt, claimed_by FROM jobs
  WHERE claimed_by IS NOT NULL AND status IN ('claimed', 'processing') AND lease_until < clock_timestamp()
  ORDER BY lease_until, id
  LIMIT :limit
  FOR UPDATE SKIP LOCKED
), rescued AS (
  UPDATE jobs SET status = CASE WHEN jobs.attempt < max_attempts THEN 'pending' ELSE 'dead' END,
                  finished_at = CASE WHEN jobs.attempt < max_attempts THEN NULL ELSE clock_timestamp() END,
                  last_error = 'the lease ran out',
                  claimed_by = NULL, claimed_at = NULL, lease_until = NULL, version = version + 1
  FROM expired
  WHERE jobs.id = expired.id AND jobs.attempt = expired.attempt
    AND jobs.status IN ('claimed', 'processing') AND jobs.lease_until < clock_timestamp()
  RETURNING jobs.id AS job_id, jobs.attempt, jobs.status, expired.claimed_by AS bot_id
), freed AS (
  UPDATE bots SET current_job_id = CASE WHEN current_job_id = ANY (gone.job_ids) THEN NULL ELSE current_job_id END
  FROM (SELECT bot_id, array_agg(job_id) AS job_ids FROM rescued GROUP BY bot_id) AS gone
  WHERE bots.id = gone.bot_id
)
SELECT job_id, attempt, status, bot_id FROM rescued ORDER BY job_id;
