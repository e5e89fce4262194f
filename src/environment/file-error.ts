import { HarnessError } from "../base/harness-error.ts";

/** What the user is told when the operating system refuses something in the temporary folder. */
export function fileError(error: unknown, where: string): HarnessError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const known = refusals[code];
  return new HarnessError({
    kind: "environment",
    what: known?.what ?? (error instanceof Error ? error.message : String(error)),
    where,
    hint: known?.hint ?? "set TMPDIR to a folder on a disk with room, for example TMPDIR=/var/tmp",
    cause: error,
  });
}

interface Refusal {
  readonly what: string;
  readonly hint: string;
}

const full: Refusal = {
  what: "there is no space left on the disk of the temporary folder",
  hint: "free some space, or set TMPDIR to a folder on another disk; a run needs about 200 MB",
};

const refusals: Readonly<Record<string, Refusal>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: { what: "the temporary folder may not be written", hint: "set TMPDIR to one that may" },
  EROFS: { what: "the temporary folder is read-only", hint: "set TMPDIR to one that is not" },
  ENOENT: { what: "the temporary folder does not exist", hint: "create it, or set TMPDIR" },
};
