import { existsSync, readFileSync, readdirSync } from "node:fs";
import { waitUntil } from "../../src/base/timer.ts";

/** Processes with `text` in their command line, where the system has /proc to tell. */
export function processesWith(text: string): readonly number[] {
  if (process.platform !== "linux") return [];
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.map(Number).filter((pid) => commandLine(pid).includes(text));
}

/** Kills the guard of a run's folder; resolves when it has gone. */
export async function killGuard(folder: string): Promise<void> {
  const guards = (): readonly number[] => processesWith(`doubletake-guard ${folder}`);
  const [guard, ...others] = guards();
  if (guard === undefined || others.length > 0) throw new Error(`not one guard: ${folder}`);
  process.kill(guard, "SIGKILL");
  await waitUntil(() => guards().length === 0, { ms: 10_000, everyMs: 5 });
}

/** Resolves true once the folder and every process that names it are gone. */
export function everythingGone(folder: string): Promise<boolean> {
  const isGone = (): boolean => !existsSync(folder) && processesWith(folder).length === 0;
  return waitUntil(isGone, { ms: 20_000, everyMs: 10 });
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
