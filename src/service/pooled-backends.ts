import { waitUntil } from "../base/timer.ts";
import { pooledName } from "./bot-sessions.ts";
import type { ControlDatabase } from "./control-database.ts";

const endMs = 10_000;

/**
 * Ends the backends that a pooler keeps for bots, so that what a strategy has left on them (locks, settings) is not held
 * against the next. Resolves when they are gone; the pooler opens others when somebody asks.
 */
export async function endPooledBackends(control: ControlDatabase): Promise<void> {
  const areGone = async (): Promise<boolean> => {
    const ended = await control.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
      [pooledName(control.schema)],
    );
    return ended.length === 0;
  };
  if (await waitUntil(areGone, { ms: endMs, everyMs: 10 })) return;
  throw new Error(`the backends of the pooler did not end within ${endMs} ms`);
}
