-- What the database itself refuses, whatever the strategy does. Each constraint names a statement that breaks it and
-- the SQLSTATE it must be refused with: the check `constraints-hold` runs that statement in a transaction that is
-- rolled back, because a constraint that stands in a migration is not yet one that rejects. (`UNIQUE (…) WHERE …` as a
-- table constraint is a syntax error; a migration that holds it leaves nothing behind.)
--
-- The probes find :job_id claimed by :bot_id, :other_job_id claimed by :other_bot_id, :free_job_id pending.

-- constraint: jobs_status_known
-- refuses: 23514
-- probe: UPDATE jobs SET status = 'half-done' WHERE id = :free_job_id
ALTER TABLE jobs ADD CONSTRAINT jobs_status_known
  CHECK (status IN ('pending', 'claimed', 'processing', 'succeeded', 'failed', 'dead'));

-- constraint: jobs_holder_matches_status
-- refuses: 23514
-- probe: UPDATE jobs SET status = 'pending' WHERE id = :job_id
ALTER TABLE jobs ADD CONSTRAINT jobs_holder_matches_status
  CHECK ((status IN ('claimed', 'processing')) = (claimed_by IS NOT NULL));

-- constraint: jobs_finished_matches_status
-- refuses: 23514
-- probe: UPDATE jobs SET finished_at = clock_timestamp() WHERE id = :free_job_id
ALTER TABLE jobs ADD CONSTRAINT jobs_finished_matches_status
  CHECK ((status IN ('succeeded', 'failed', 'dead')) = (finished_at IS NOT NULL));

-- constraint: bots_current_job_exists
-- refuses: 23503
-- probe: UPDATE bots SET current_job_id = -1 WHERE id = :bot_id
ALTER TABLE bots ADD CONSTRAINT bots_current_job_exists
  FOREIGN KEY (current_job_id) REFERENCES jobs (id) ON DELETE SET NULL;

-- constraint: bots_one_per_job
-- refuses: 23505
-- probe: UPDATE bots SET current_job_id = :other_job_id WHERE id = :bot_id
CREATE UNIQUE INDEX bots_one_per_job ON bots (current_job_id) WHERE current_job_id IS NOT NULL;

-- constraint: jobs_one_held_per_key
-- refuses: 23505
-- probe: UPDATE jobs SET key = 'probe' WHERE id IN (:job_id, :other_job_id)
CREATE UNIQUE INDEX jobs_one_held_per_key ON jobs (key)
  WHERE key IS NOT NULL AND status IN ('claimed', 'processing');
