-- lifecycle: enqueue
-- summary: add jobs; each has two numbers to add up, and where they are given its type, priority and key
-- The lists are dealt out like cards, over and over again; null: all jobs are alike. Many jobs are added by several
-- statements, of which a later one goes on dealing where the one before ended: its first job is the :first-th.
-- step: enqueue
INSERT INTO jobs (a, b, type, priority, key, max_attempts)
SELECT n % 1000, (n * 7) % 1000,
       coalesce((:types::text[])[1 + n % cardinality(:types::text[])], 'default'),
       coalesce((:priorities::int[])[1 + n % cardinality(:priorities::int[])], 0),
       (:keys::text[])[1 + n % cardinality(:keys::text[])],
       coalesce(:max_attempts::int, 5)
FROM generate_series(coalesce(:first::int, 1), coalesce(:first::int, 1) + :count::int - 1) AS n
RETURNING id AS job_id, key;
