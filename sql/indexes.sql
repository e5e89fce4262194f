-- The order in which jobs are claimed; created_at alone has ties, and ties leave the order undefined.
CREATE INDEX jobs_claimable ON jobs (created_at, id) WHERE status = 'pending';

-- "What do I hold?", asked by a bot whose last answer was lost.
CREATE INDEX jobs_held ON jobs (claimed_by) WHERE claimed_by IS NOT NULL;
