-- lifecycle: dead-letters
-- summary: the jobs that nobody will try again, and what they died of; the longest dead first
-- step: look
SELECT id AS job_id, type, attempt, last_error FROM jobs
WHERE status = 'dead'
ORDER BY finished_at, id
LIMIT :limit;
