-- Tells whoever listens that there may be work, in the transaction that makes jobs available: a job of a transaction that is
-- rolled back is told of to nobody. The channel is named after the schema; equal notices of one transaction come as one.
-- A NOTIFY has its price: transactions that send one commit one at a time, in the order of the queue of notices.
-- A job that waits for its time is told of when it is put back, not when its time has come.
CREATE FUNCTION tell_of_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(TG_TABLE_SCHEMA, '');
  RETURN NULL;
END $$;

CREATE TRIGGER jobs_added AFTER INSERT ON jobs FOR EACH STATEMENT EXECUTE FUNCTION tell_of_jobs();

-- A retry, a rescue or a redrive. The condition is looked at before the function is called, so that claims pay next to nothing.
CREATE TRIGGER jobs_returned AFTER UPDATE OF status ON jobs FOR EACH ROW
  WHEN (NEW.status = 'pending' AND OLD.status <> 'pending') EXECUTE FUNCTION tell_of_jobs();
