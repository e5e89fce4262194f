-- strategy: serial-key
-- summary: one statement locks the oldest free job whose key is nobody's, marks it and tells the bot
-- transaction: none
-- verdict: safe
-- Jobs of one key are done one at a time and in order: a job is free only when no older one of its key is still to be done.
-- That cannot be outrun by another claim, because what makes a job free, the end of all older ones, is not taken back. What
-- is not older but held (a dead job was made pending again behind it) is asked for as well, and the unique index on keys of
-- held jobs refuses what two claims could not see of each other.
-- setup:
CREATE INDEX jobs_unfinished_by_key ON jobs (key, created_at, id)
  WHERE key IS NOT NULL AND status IN ('pending', 'claimed', 'processing');
-- step: claim
WITH next AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
    AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
    AND (j.key IS NULL OR NOT EXISTS (
      SELECT FROM jobs k
      WHERE k.key = j.key AND k.id <> j.id AND k.status IN ('pending', 'claimed', 'processing')
        AND (k.status <> 'pending' OR (k.created_at, k.id) < (j.created_at, j.id))
    ))
  ORDER BY j.created_at, j.id
  LIMIT :limit
  FOR UPDATE OF j SKIP LOCKED
), claimed AS (
  UPDATE jobs SET status = 'claimed', claimed_by = :bot_id, claimed_at = clock_timestamp(),
                  lease_until = clock_timestamp() + :lease::interval,
                  attempt = jobs.attempt + 1, version = version + 1
  FROM next WHERE jobs.id = next.id
  RETURNING jobs.id AS job_id, jobs.attempt
), assigned AS (
  UPDATE bots SET current_job_id = claimed.job_id, last_seen_at = clock_timestamp()
  FROM claimed WHERE bots.id = :bot_id
)
SELECT job_id, attempt FROM claimed;
