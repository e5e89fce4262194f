-- verification: impossible-job-states
-- summary: a job's columns contradict its status
-- step: count
SELECT id AS job_id, claimed_by AS bot_id,
       'status ' || status || ', claimed_by ' || coalesce(claimed_by::text, 'null')
         || ', finished_at ' || coalesce(finished_at::text, 'null') AS problem
FROM jobs
WHERE (status IN ('claimed', 'processing')) <> (claimed_by IS NOT NULL)
   OR (status IN ('succeeded', 'failed', 'dead')) <> (finished_at IS NOT NULL)
   OR status NOT IN ('pending', 'claimed', 'processing', 'succeeded', 'failed', 'dead');
