-- lifecycle: resume
-- summary: what does this bot hold? asked after an answer was lost; makes the bot's pointer agree with the answer
-- step: resume
WITH held AS (
  SELECT id AS job_id, attempt, a, b, status FROM jobs
  WHERE claimed_by = :bot_id AND status IN ('claimed', 'processing')
  ORDER BY claimed_at DESC, id LIMIT 1
), pointed AS (
  UPDATE bots SET current_job_id = (SELECT job_id FROM held), last_seen_at = clock_timestamp()
  WHERE id = :bot_id
)
SELECT job_id, attempt, a, b, status FROM held;
