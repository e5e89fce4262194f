-- verification: jobs-with-several-bots
-- summary: more than one bot points at a job
-- compares: jobs and bots
-- step: count
SELECT current_job_id AS job_id, min(id) AS bot_id,
       'pointed at by bots ' || string_agg(id::text, ', ' ORDER BY id) AS problem
FROM bots
WHERE current_job_id IS NOT NULL
GROUP BY current_job_id
HAVING count(*) > 1;
