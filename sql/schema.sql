-- The tables of the reference claim service. Everything is created in a schema of the run's own (search_path).
-- clock_timestamp(), not now(): now() stands still inside a transaction, and a lease measured from its start is
-- already partly spent.

CREATE TABLE jobs (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type         text        NOT NULL DEFAULT 'default',
  priority     int         NOT NULL DEFAULT 0,         -- higher first
  key          text,                                   -- jobs of one key are done one at a time; null: no such order
  a            int         NOT NULL,
  b            int         NOT NULL,
  result       int,
  status       text        NOT NULL DEFAULT 'pending', -- pending claimed processing succeeded failed dead
  claimed_by   bigint,
  claimed_at   timestamptz,
  lease_until  timestamptz,
  attempt      int         NOT NULL DEFAULT 0,         -- 1, 2, 3 …: the fencing number of the current claim
  max_attempts int         NOT NULL DEFAULT 5,
  run_at       timestamptz NOT NULL DEFAULT clock_timestamp(), -- not to be claimed before; how a retry waits
  version      int         NOT NULL DEFAULT 0,
  last_error   text,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at  timestamptz
);

CREATE TABLE bots (
  id             bigint PRIMARY KEY,
  name           text NOT NULL,
  current_job_id bigint,
  last_seen_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Append-only: the work of a job is adding a + b and writing the sum here. A job that stands here twice was done twice.
CREATE TABLE effects (
  job_id  bigint      NOT NULL,
  attempt int         NOT NULL,
  bot_id  bigint      NOT NULL,
  value   int         NOT NULL,
  at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
