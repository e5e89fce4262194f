-- lifecycle: enqueue
-- summary: add jobs; each has two numbers to add up
-- step: enqueue
INSERT INTO jobs (a, b)
SELECT n % 1000, (n * 7) % 1000 FROM generate_series(1, :count::int) AS n
RETURNING id AS job_id;
