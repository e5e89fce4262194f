import { waitUntil } from "../../base/timer.ts";
import { botApplication } from "../bot-sessions.ts";
import type { ControlDatabase } from "../control-database.ts";

/** Connections that were closed take this long to end at most; what is left then was cut, and nobody told the server. */
const leaveMs = 1_000;
const endMs = 10_000;

/**
 * Waits until no backend works for a bot any more, ending those that would stay; false if one does. Before that, a
 * claim whose bot is long gone may still commit.
 */
export async function endBotBackends(control: ControlDatabase): Promise<boolean> {
  const left = async (): Promise<boolean> => (await ask(control, "SELECT pid")) === 0;
  if (await waitUntil(left, { ms: leaveMs, everyMs: 5 })) return true;
  const ended = async (): Promise<boolean> =>
    (await ask(control, "SELECT pg_terminate_backend(pid)")) === 0;
  return await waitUntil(ended, { ms: endMs, everyMs: 50 });
}

async function ask(control: ControlDatabase, question: string): Promise<number> {
  const backends = `${question} FROM pg_stat_activity WHERE starts_with(application_name, $1)`;
  return (await control.query(backends, [`${botApplication}-${control.schema}-`])).length;
}
