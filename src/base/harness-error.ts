/** What went wrong, in the terms of the exit codes of the command line. */
export type ErrorKind =
  /** The user's input cannot be carried out: exit 64. */
  | "usage"
  /** A database, a proxy or a file could not be had: exit 69. */
  | "environment"
  /** doubletake itself is wrong: exit 70. */
  | "defect";

export interface ErrorDetails {
  readonly kind: ErrorKind;
  /** What is wrong, one sentence without a full stop. */
  readonly what: string;
  /** Where: `file:line:column`, a URL without its password, a flag. */
  readonly where?: string | undefined;
  /** What the user can do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An expected failure, told to the user in one message and an exit code; never a stack trace. */
export class HarnessError extends Error {
  readonly kind: ErrorKind;
  readonly what: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(details: ErrorDetails) {
    super(formatError(details), { cause: details.cause });
    this.name = "HarnessError";
    this.kind = details.kind;
    this.what = details.what;
    this.where = details.where;
    this.hint = details.hint;
  }
}

/** `where: what`, then the hint on a line of its own. */
function formatError({ what, where, hint }: ErrorDetails): string {
  const head = where === undefined ? what : `${where}: ${what}`;
  return hint === undefined ? head : `${head}\n  hint: ${hint}`;
}
