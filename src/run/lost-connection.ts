import { HarnessError } from "../base/harness-error.ts";

/**
 * The error for the user. That a connection ends which the run itself cannot do without, to the database or to a proxy, is a
 * matter of that server and no defect. All others stay what they are.
 */
export function lostConnection(thrown: unknown): unknown {
  if (thrown instanceof HarnessError || !isLostConnection(thrown)) return thrown;
  const { message } = thrown as Error;
  return new HarnessError({
    kind: "environment",
    what: `a connection that the run cannot do without was lost: ${message}`,
    hint: "a server stopped, or somebody ended the connection; what was recorded until then lies in the run's folder",
    cause: thrown,
  });
}

/** By the code, of PostgreSQL or the network; `pg` has no code where the other end said nothing. */
function isLostConnection(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code } = thrown as { readonly code?: unknown };
  if (typeof code === "string") return /^(08|57P0)/.test(code) || networkCodes.has(code);
  return /^Connection terminated|^timeout exceeded when trying to connect/.test(thrown.message);
}

const networkCodes = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]);
