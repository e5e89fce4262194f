-- lifecycle: heartbeat-unfenced
-- replaces: heartbeat
-- summary: renews the lease of whoever holds the job: a bot that lost it is told that it still has it, and works on
-- verdict: unsafe
-- breaks: fenced-settle
-- step: heartbeat
UPDATE jobs SET lease_until = clock_timestamp() + :lease::interval, version = version + 1
WHERE id = :job_id AND status IN ('claimed', 'processing')
RETURNING id AS job_id, attempt;
