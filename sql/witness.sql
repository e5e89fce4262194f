-- A log of what is committed, for servers whose write-ahead log cannot be decoded. A row of it commits with the change
-- it tells of, or not at all. `seq` is taken while the changed row is locked, so for one row it is the order of commits.
CREATE TABLE witness_log (
  seq     bigint GENERATED ALWAYS AS IDENTITY,
  xid     xid8        NOT NULL DEFAULT pg_current_xact_id(),
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  of      text        NOT NULL,
  kind    text        NOT NULL,
  job     bigint,
  bot     bigint,
  status  text,
  attempt int,
  value   int,
  lease_until timestamptz,
  due_at      timestamptz
);

-- A row whose key changed is gone, as far as anybody who knows it by its key can tell.
CREATE OR REPLACE FUNCTION witness_job() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.id <> NEW.id) THEN
    INSERT INTO witness_log (of, kind, job) VALUES ('job', 'delete', OLD.id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO witness_log (of, kind, job, bot, status, attempt, lease_until, due_at)
    VALUES ('job', CASE WHEN TG_OP = 'UPDATE' AND OLD.id = NEW.id THEN 'update' ELSE 'insert' END,
            NEW.id, NEW.claimed_by, NEW.status, NEW.attempt, NEW.lease_until,
            CASE WHEN NEW.status = 'pending' THEN NEW.run_at END);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION witness_bot() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.id <> NEW.id) THEN
    INSERT INTO witness_log (of, kind, bot) VALUES ('bot', 'delete', OLD.id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO witness_log (of, kind, bot, job)
    VALUES ('bot', CASE WHEN TG_OP = 'UPDATE' AND OLD.id = NEW.id THEN 'update' ELSE 'insert' END,
            NEW.id, NEW.current_job_id);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION witness_effect() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO witness_log (of, kind, job, bot, attempt, value)
  VALUES ('effect', 'insert', NEW.job_id, NEW.bot_id, NEW.attempt, NEW.value);
  RETURN NULL;
END $$;

CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION witness_job();
CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON bots FOR EACH ROW EXECUTE FUNCTION witness_bot();
CREATE TRIGGER witness AFTER INSERT ON effects FOR EACH ROW EXECUTE FUNCTION witness_effect();
