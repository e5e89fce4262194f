import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BatchEntry, TimeEntry } from "../report/batch.ts";
import { isAlike, verdictOf, verdictsText } from "../report/times.ts";
import { pointLatest } from "../run/run-folder.ts";
import type { ConcludedRun } from "./carry-out.ts";
import { exitCodes, worstExitCode } from "./exit-code.ts";

/** One run of a plan, and what became of it. */
export interface Attempt {
  readonly entry: BatchEntry;
  /** Null: it came to no verdict. */
  readonly concluded: ConcludedRun | null;
}

export interface TimesRequest {
  /** How often, with the same seed. */
  readonly times: number;
  /** Aborted by Ctrl-C: the time it interrupts is told, and is compared with nothing. */
  readonly signal: AbortSignal;
  /** Null: it was interrupted before there was anything to judge. */
  readonly runOnce: () => Promise<Attempt | null>;
  /** Called for the first time and for each that came out in a way of its own. */
  readonly tell: (attempt: Attempt) => void;
  /** One line for each of the other times. */
  readonly tellAlike: (line: string) => void;
}

/**
 * Runs one plan several times. A verdict that is not the same each time cannot be relied on, so it is never a pass.
 * Of times that came out alike one folder is kept: ten times a whole night would fill a disk with what nobody reads.
 * Null: nothing came to an end.
 */
export async function runTimes(request: TimesRequest): Promise<BatchEntry | null> {
  const { times, signal, runOnce, tell } = request;
  const entries: TimeEntry[] = [];
  const kept = new Map<string, string>();
  let first: BatchEntry | undefined;
  while (entries.length < times && !signal.aborted) {
    const attempt = await runOnce();
    if (attempt === null) break;
    const time = timeOf(attempt);
    const isCut = signal.aborted && first !== undefined;
    const like = isCut ? undefined : kept.get(verdictOf(time));
    if (like === undefined) tell(attempt);
    else dropLike(attempt, like, request, entries.length + 1);
    if (isCut) break;
    first ??= attempt.entry;
    if (like === undefined) kept.set(verdictOf(time), time.folder ?? "");
    entries.push(like === undefined ? time : { ...time, folder: null });
    if (time.outcome === "skipped") break;
  }
  if (first === undefined) return null;
  return times === 1 || first.outcome === "skipped" ? first : together(first, entries);
}

function timeOf({ entry, concluded }: Attempt): TimeEntry {
  const { outcome, exitCode, durationMs, headline, folder } = entry;
  const strategies = (concluded?.result.strategies ?? []).map((strategy) => ({
    name: strategy.name,
    role: strategy.role,
    verdict: strategy.verdict,
    violated: strategy.checks
      .filter(({ verdict }) => verdict === "violated")
      .map(({ name }) => name),
    faults: strategy.faults.map(({ fault, injected, hit }) => ({ fault, injected, hit })),
  }));
  return { outcome, exitCode, durationMs, headline, folder, strategies };
}

/** Removes the folder of a time that came out as an earlier one did, and points `latest` at the one that is kept. */
function dropLike(
  { entry, concluded }: Attempt,
  like: string,
  { times, tellAlike }: TimesRequest,
  time: number,
): void {
  tellAlike(`${entry.scenario}, time ${time} of ${times}: ${entry.outcome}, as before`);
  if (concluded === null) return;
  rmSync(concluded.folder, { recursive: true, force: true });
  pointLatest({ path: join(dirname(concluded.folder), like) });
}

function together(first: BatchEntry, times: readonly TimeEntry[]): BatchEntry {
  const alike = isAlike(times);
  const codes = times.map(({ exitCode }) => exitCode);
  return {
    ...first,
    outcome: alike ? first.outcome : "differs",
    exitCode: worstExitCode(alike ? codes : [...codes, exitCodes.inconclusive]),
    durationMs: times.reduce((sum, { durationMs }) => sum + durationMs, 0),
    headline: verdictsText(times),
    times: [...times],
  };
}
