-- monitoring: stuck-jobs
-- summary: jobs that should have moved: due for :patience and not claimed, or held for as long after their lease ran out
-- step: count
SELECT count(*) FILTER (WHERE status = 'pending' AND run_at < clock_timestamp() - :patience::interval)::int AS pending,
       count(*) FILTER (WHERE status IN ('claimed', 'processing')
                          AND lease_until < clock_timestamp() - :patience::interval)::int AS held,
       coalesce(extract(epoch FROM clock_timestamp() - min(run_at) FILTER (WHERE status = 'pending')), 0)::float8
         AS oldest_pending_s
FROM jobs WHERE status IN ('pending', 'claimed', 'processing');
