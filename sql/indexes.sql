-- The order in which jobs are claimed; created_at alone has ties, and ties leave the order undefined.
CREATE INDEX jobs_claimable ON jobs (created_at, id) WHERE status = 'pending';

-- The same by priority, and for bots that take one type of job only. A claim takes its job out of all three, so they
-- cost something only when a job is added or comes back.
CREATE INDEX jobs_claimable_by_priority ON jobs (priority DESC, created_at, id) WHERE status = 'pending';
CREATE INDEX jobs_claimable_by_type ON jobs (type, created_at, id) WHERE status = 'pending';

-- "What do I hold?", asked by a bot whose last answer was lost; and "whose lease has run out?", asked by the rescue: held
-- jobs are few, so it reads them all rather than have every claim write one more index.
CREATE INDEX jobs_held ON jobs (claimed_by) WHERE claimed_by IS NOT NULL;
