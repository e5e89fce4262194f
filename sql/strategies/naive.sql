-- strategy: naive
-- summary: read the oldest pending job, mark it, tell the bot: three statements, each on its own
-- transaction: none
-- verdict: unsafe
-- breaks: single-grant
-- step: find
SELECT id AS job_id FROM jobs WHERE status = 'pending' ORDER BY created_at, id LIMIT 1;
-- step: mark
UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                attempt = attempt + 1, version = version + 1 WHERE id = :job_id;
-- step: assign
UPDATE bots SET current_job_id = :job_id WHERE id = :bot_id;
