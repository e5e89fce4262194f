import type { Clock } from "../base/clock.ts";
import { sleep } from "../base/timer.ts";
import type { RecordedWait } from "../history/statements.ts";
import { botApplication } from "../service/bot-sessions.ts";
import type { ControlDatabase } from "../service/control-database.ts";

/** Most waits for a lock last as long as a commit takes to reach the disk: some milliseconds. */
const everyMs = 2;

/** Only for who waits is it asked for whom: that takes the server's lock tables for a moment. */
const question = `
  SELECT application_name AS who,
         ARRAY(SELECT o.application_name FROM pg_stat_activity o WHERE o.pid = ANY (pg_blocking_pids(a.pid))) AS whom
    FROM pg_stat_activity a
   WHERE wait_event_type = 'Lock' AND starts_with(application_name, $1)`;

/** Looks every few milliseconds which bots wait for whose locks, until `signal` aborts. A look that fails is left out. */
export async function sampleLockWaits(
  control: ControlDatabase,
  clock: Clock,
  note: (wait: RecordedWait) => void,
  signal: AbortSignal,
): Promise<void> {
  const prefix = `${botApplication}-${control.schema}-`;
  while (!signal.aborted) {
    const from = clock.now();
    const rows = await control.query(question, [prefix]).catch(() => []);
    const to = clock.now();
    for (const { who, whom } of rows) {
      const names = whom as readonly string[];
      const waitsFor = names.filter((name) => name.startsWith(prefix));
      if (waitsFor.length === 0) continue;
      const numbers = waitsFor.map((name) => numberIn(name, prefix));
      note({ bot: numberIn(who as string, prefix), from, to, waitsFor: [...new Set(numbers)] });
    }
    await sleep(everyMs, signal);
  }
}

/** Connections are numbered like the bots that they belong to. */
function numberIn(name: string, prefix: string): number {
  return Number(name.slice(prefix.length));
}
