-- lifecycle: register
-- summary: make bots :first to :count known; a bot that is known already keeps its row
-- step: register
INSERT INTO bots (id, name)
SELECT n, 'bot ' || n FROM generate_series(coalesce(:first::bigint, 1), :count::bigint) AS n
ON CONFLICT (id) DO NOTHING;
