/** A condition on pg_stat_activity: a backend that waits to tell its client of notices. LISTEN was the last thing it was asked. */
export const listening = "state = 'idle' AND query ~* '^\\s*LISTEN\\M'";
