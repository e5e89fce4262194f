-- strategy: skip-locked-spread
-- summary: skip-locked, with any of the forty oldest free jobs instead of the very oldest
-- transaction: none
-- verdict: safe
-- A job that can never be claimed is then in the way of one claim in forty, and not of every one. Jobs are taken nearly,
-- not strictly, in their order. The condition on the status stands twice because only that of the query which locks is
-- looked at again when a row has been locked. More bots than there are candidates would find all of them locked.
-- step: claim
WITH oldest AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.status = 'pending' AND j.run_at <= clock_timestamp()
    AND NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id)
  ORDER BY j.created_at, j.id
  LIMIT 40
), next AS MATERIALIZED (
  SELECT j.id FROM jobs j JOIN oldest ON oldest.id = j.id
  WHERE j.status = 'pending'
  ORDER BY random()
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
