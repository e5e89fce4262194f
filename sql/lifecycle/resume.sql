-- lifecycle: resume
-- summary: what does this bot hold? asked after an answer was lost; makes the bot's pointer agree with the answer
-- The jobs are locked, because a rescue may be taking one of them just now, and the pointer must not name it then.
-- step: resume
WITH held AS MATERIALIZED (
  SELECT id AS job_id, attempt, a, b, status FROM jobs
  WHERE claimed_by = :bot_id AND status IN ('claimed', 'processing')
  ORDER BY claimed_at DESC, id
  FOR UPDATE
), pointed AS (
  UPDATE bots SET current_job_id = (SELECT job_id FROM held LIMIT 1), last_seen_at = clock_timestamp()
  WHERE id = :bot_id
)
SELECT job_id, attempt, a, b, status FROM held;
