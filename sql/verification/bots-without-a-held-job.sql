-- verification: bots-without-a-held-job
-- summary: a bot points at a job that it does not hold
-- compares: jobs and bots
-- step: count
SELECT b.current_job_id AS job_id, b.id AS bot_id,
       'bot points at a job that is ' || coalesce(j.status, 'gone')
         || CASE WHEN j.claimed_by IS NULL THEN '' ELSE ', held by bot ' || j.claimed_by END AS problem
FROM bots b
LEFT JOIN jobs j ON j.id = b.current_job_id
WHERE b.current_job_id IS NOT NULL
  AND (j.id IS NULL OR j.status NOT IN ('claimed', 'processing') OR j.claimed_by IS DISTINCT FROM b.id);
