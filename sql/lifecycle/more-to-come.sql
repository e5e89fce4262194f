-- lifecycle: more-to-come
-- summary: will a job become free by itself? a retry whose time has not come, or a claim whose lease has yet to be rescued
-- A claim that expired more than `grace` ago is one that nobody rescues: there is no use in waiting for it.
-- step: look
SELECT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND run_at > clock_timestamp())
    OR EXISTS (SELECT FROM jobs WHERE claimed_by IS NOT NULL AND status IN ('claimed', 'processing')
                                 AND lease_until > clock_timestamp() - :grace::interval) AS is_more;
