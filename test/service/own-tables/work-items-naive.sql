-- strategy: work-items-naive
-- summary: three statements on tables of the user's own
-- transaction: none
-- verdict: unsafe
-- breaks: single-grant
-- tables: jobs = work_items (id = item_id, status = state, claimed_by = agent, attempt = tries), bots = agents (id = agent_id, current_job_id = item)
-- setup:
CREATE TABLE work_items (
  item_id bigserial PRIMARY KEY,
  state   text NOT NULL DEFAULT 'pending',
  agent   bigint,
  tries   int NOT NULL DEFAULT 0
);
-- setup:
CREATE TABLE agents (agent_id bigint PRIMARY KEY, item bigint);
-- step: find
SELECT item_id AS job_id FROM work_items WHERE state = 'pending' ORDER BY item_id LIMIT 1;
-- step: mark
UPDATE work_items SET state = 'claimed', agent = :bot_id, tries = tries + 1 WHERE item_id = :job_id;
-- step: assign
UPDATE agents SET item = :job_id WHERE agent_id = :bot_id;
