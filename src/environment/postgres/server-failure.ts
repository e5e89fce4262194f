import { HarnessError } from "../../base/harness-error.ts";
import type { GuardedFolder } from "../guarded-folder.ts";

/** Why a program of the server gave up, in its own words: the end of its log. */
export async function serverFailure(
  folder: GuardedFolder,
  log: string,
  what: string,
): Promise<HarnessError> {
  const lines = await folder.lastLines(log);
  return new HarnessError({
    kind: "environment",
    what: `${what}\n${indent(lines === "" ? "(it said nothing)" : lines)}`,
    where: folder.file(log),
    hint: hintFor(lines),
  });
}

function hintFor(lines: string): string {
  return causes.find(({ sign }) => sign.test(lines))?.hint ?? "what the server said is above";
}

const causes = [
  {
    sign: /No space left on device|Disk quota exceeded/,
    hint: "free some space, or set TMPDIR to a folder on another disk; a run needs about 200 MB",
  },
  {
    sign: /unrecognized configuration parameter|invalid value for parameter|configuration file ".*" contains errors/,
    hint: "correct environment.settings in the scenario",
  },
  {
    sign: /could not (create|map|allocate).*(shared memory|semaphore)|Cannot allocate memory/,
    hint: "the machine gives no more shared memory: lower max_connections or shared_buffers in environment.settings",
  },
  {
    sign: /could not look up effective user ID/,
    hint: "PostgreSQL wants its user to have a name: add a line for it to /etc/passwd",
  },
  { sign: /Permission denied/, hint: "set TMPDIR to a folder that every user may enter" },
] as const;

function indent(lines: string): string {
  return lines.replaceAll(/^/gm, "    ");
}
