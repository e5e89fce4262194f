-- lifecycle: register
-- summary: make bots known; a bot that is known already keeps its row
-- step: register
INSERT INTO bots (id, name)
SELECT n, 'bot ' || n FROM generate_series(1, :count::int) AS n
ON CONFLICT (id) DO NOTHING;
