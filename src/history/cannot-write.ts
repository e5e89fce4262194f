import { HarnessError } from "../base/harness-error.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission is denied",
  EROFS: "the file system is read-only",
  ENOENT: "its folder does not exist",
};

/** What the user is told when a file of the run cannot be written. `what` names it: "history". */
export function cannotWrite(what: string, where: string, cause: unknown): HarnessError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new HarnessError({
    kind: "environment",
    what: `the ${what} cannot be written: ${reasons[code ?? ""] ?? message}`,
    where,
    hint: "name a folder with space to write to: --out DIR",
    cause,
  });
}
