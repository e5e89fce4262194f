-- strategy: delete-returning
-- summary: one statement takes the oldest free job out of the table and hands it over
-- transaction: none
-- verdict: unsafe
-- breaks: nothing-lost
-- The fastest claim there is, and nobody else can get the job: it is gone. It is gone as well when its bot is, and there is
-- nothing left to settle, to rescue or to try again: at most once, where a queue is asked for at least once.
-- step: claim
DELETE FROM jobs
WHERE id = (
  SELECT j.id FROM jobs j
  WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
    AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
  ORDER BY j.created_at, j.id
  LIMIT 1
  FOR UPDATE OF j SKIP LOCKED
)
RETURNING id AS job_id, attempt + 1 AS attempt;
