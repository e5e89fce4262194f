/**
 * What an operation came to. `failed`: it certainly did not happen. `unknown`: it may have happened. An unknown is
 * never turned into a failed: that mistake is how a queue loses a job or grants it twice.
 */
export type Outcome<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "empty" }
  | Failure;

export interface Failure {
  readonly kind: "failed" | "unknown";
  /** SQLSTATE, or the network's error code. */
  readonly code: string;
  /** Lost to a concurrent bot: worth trying again at once. */
  readonly retryable: boolean;
  readonly message: string;
}

/** What had been done on the connection when the error came. */
export interface Progress {
  /** The statement that raised the error was sent. */
  readonly sent: boolean;
  /** It is a COMMIT. */
  readonly committing: boolean;
  /** Statements before it have committed already, each on its own, and may have changed something. */
  readonly committedBefore: boolean;
  /** It runs inside a transaction that dies with its connection. */
  readonly inTransaction: boolean;
}

/** The conflicts that PostgreSQL asks to retry: serialization failure, deadlock victim, lock not available. */
const retryableStates = new Set(["40001", "40P01", "55P03"]);

/** Code of a claim that lost a race without an error: `-- expect: rows` and no row. Not a SQLSTATE, so no clash. */
export const lostRace = "LOST-RACE";

/** Node's and `pg`'s ways to say that the connection is gone, by message where they give no code. */
const lostConnection = "CONNECTION-LOST";

/**
 * The table of errors, the only one.
 *
 * | error                                  | alone or in a transaction        | COMMIT      |
 * |----------------------------------------|----------------------------------|-------------|
 * | never sent (cannot connect)            | failed                           | failed      |
 * | an error answer of the server          | failed: it was rolled back       | failed for 40…/23…, else unknown |
 * | the connection died, no answer         | failed inside a transaction (the server rolls it back), else unknown | unknown |
 * | statements before it are committed     | unknown: the claim is half done  | –           |
 */
export function classifyError(error: unknown, progress: Progress): Failure {
  const code = errorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  const retryable = retryableStates.has(code) && !progress.committedBefore;
  const kind = happened(code, progress) ? "unknown" : "failed";
  return { kind, code, retryable, message };
}

/** Whether some part of the operation may have happened. */
function happened(code: string, progress: Progress): boolean {
  if (progress.committedBefore) return true;
  if (!progress.sent) return false;
  const answered = isSqlState(code);
  if (progress.committing) return !(answered && /^(40|23)/.test(code));
  if (answered) return false;
  return !progress.inTransaction;
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}

/** SQLSTATE of a `pg` error, else Node's error code, else `CONNECTION-LOST`. */
function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : lostConnection;
}

/** Codes after which the connection cannot be used again. */
export function endsConnection(code: string): boolean {
  return !isSqlState(code) || /^(08|57P0)/.test(code);
}
