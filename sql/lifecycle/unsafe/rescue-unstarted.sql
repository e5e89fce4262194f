-- lifecycle: rescue-unstarted
-- replaces: rescue
-- summary: takes back expired claims, and forgets those on which work had begun
-- verdict: unsafe
-- breaks: rescued-in-time
-- Right as long as no bot dies: a bot that lives settles what it began before its lease ends, or renews it.
-- step: rescue
WITH expired AS MATERIALIZED (
  SELECT id, attempt, claimed_by FROM jobs
  WHERE claimed_by IS NOT NULL AND status = 'claimed' AND lease_until < clock_timestamp()
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
    AND jobs.status = 'claimed' AND jobs.lease_until < clock_timestamp()
  RETURNING jobs.id AS job_id, jobs.attempt, jobs.status, expired.claimed_by AS bot_id
), freed AS (
  UPDATE bots SET current_job_id = CASE WHEN current_job_id = ANY (gone.job_ids) THEN NULL ELSE current_job_id END
  FROM (SELECT bot_id, array_agg(job_id) AS job_ids FROM rescued GROUP BY bot_id) AS gone
  WHERE bots.id = gone.bot_id
)
SELECT job_id, attempt, status, bot_id FROM rescued ORDER BY job_id;
