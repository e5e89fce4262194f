-- strategy: work-items
-- summary: one statement locks the oldest free item, marks it and tells the agent, in tables of the user's own
-- transaction: none
-- verdict: safe
-- tables: jobs = work_items (id = item_id, status = state, claimed_by = agent, claimed_at = taken_at, lease_until = taken_until, attempt = tries, created_at = "addedAt"), bots = agents (id = agent_id, current_job_id = item)
-- setup:
CREATE TABLE work_items (
  item_id     int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant      text        NOT NULL DEFAULT 'acme',
  state       varchar(20) NOT NULL,
  agent       bigint,
  taken_at    timestamptz,
  taken_until timestamptz,
  tries       int         NOT NULL DEFAULT 0,
  status      text        NOT NULL DEFAULT 'a column of the user''s that has nothing to do with jobs.status',
  "addedAt"   timestamptz NOT NULL DEFAULT clock_timestamp(),
  touched     int         NOT NULL DEFAULT 0
);
CREATE INDEX work_items_free ON work_items ("addedAt", item_id) WHERE state = 'pending';
CREATE TABLE agents (agent_id bigint PRIMARY KEY, item int REFERENCES work_items, team text DEFAULT 'blue');

CREATE FUNCTION count_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.touched := OLD.touched + 1;
  RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE UPDATE ON work_items FOR EACH ROW EXECUTE FUNCTION count_touch();
-- step: claim
WITH next AS MATERIALIZED (
  SELECT w.item_id FROM work_items w
  WHERE w.state = 'pending' AND w.tenant = 'acme' AND w.status LIKE 'a column%'
    AND NOT EXISTS (SELECT FROM agents a WHERE a.item = w.item_id)
  ORDER BY w."addedAt", w.item_id
  LIMIT 1
  FOR UPDATE OF w SKIP LOCKED
), claimed AS (
  UPDATE work_items SET state = 'claimed', agent = :bot_id, taken_at = clock_timestamp(),
                        taken_until = clock_timestamp() + :lease::interval, tries = tries + 1
  FROM next WHERE work_items.item_id = next.item_id
  RETURNING work_items.item_id AS job_id, tries AS attempt
), assigned AS (
  UPDATE agents SET item = claimed.job_id FROM claimed WHERE agents.agent_id = :bot_id
)
SELECT job_id, attempt FROM claimed;
