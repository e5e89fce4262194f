-- verification: held-jobs-without-a-bot
-- summary: a job is claimed or processing, and the bot it names does not point at it
-- compares: jobs and bots
-- applies: one job a bot
-- step: count
SELECT j.id AS job_id, j.claimed_by AS bot_id, 'job is ' || j.status || ', its bot does not point at it' AS problem
FROM jobs j
LEFT JOIN bots b ON b.id = j.claimed_by AND b.current_job_id = j.id
WHERE j.status IN ('claimed', 'processing') AND b.id IS NULL;
