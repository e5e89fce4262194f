-- lifecycle: resume-forgets
-- replaces: resume
-- summary: takes a lost answer for a refusal: a bot that asks what it holds is told that it holds nothing
-- verdict: unsafe
-- breaks: drained
-- Right as long as every answer arrives. After one that did not, or in the place of a bot that died, it goes on to the next
-- job, and what it holds is held by a bot that knows nothing of it.
-- step: resume
SELECT id AS job_id, attempt, a, b, status FROM jobs
WHERE claimed_by = :bot_id AND status = 'pending';
