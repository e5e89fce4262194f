-- monitoring: jobs-by-status
-- summary: how many jobs there are in each state
-- step: count
SELECT status, count(*)::int AS jobs FROM jobs GROUP BY status;
