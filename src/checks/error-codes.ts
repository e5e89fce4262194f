/** What the code of a failed or unknown operation tells: PostgreSQL's SQLSTATEs have five characters, others have not. */

/**
 * Classes of SQLSTATE that say something about the moment and not about the statement, so the same statement may work
 * the next time: connection lost, transaction rolled back (40001, 40P01), out of resources, lock not available,
 * operator intervention, system error. PostgreSQL's manual, appendix A.
 */
const passingClasses: ReadonlySet<string> = new Set(["08", "40", "53", "55", "57", "58"]);

/** The server takes no changes just now, whatever they are: of its class, 25, the only one that passes by itself. */
const readOnly = "25006";

/** The server refused the statement for what it does; it will be refused again as long as the rows are what they are. */
export function isRefusal(code: string | undefined): code is string {
  if (code === undefined || code === readOnly) return false;
  return isSqlState(code) && !passingClasses.has(code.slice(0, 2));
}

/** Another bot was faster, or in the way: worth trying again at once, and no fault of the service. */
export function isConflictCode(code: string): boolean {
  return code === lostRace || code.startsWith("40") || code === "55P03";
}

/** The connection died: an error of the network (ECONNRESET), or the server ended it (57P01, 08006). */
export function isConnectionCode(code: string | undefined): boolean {
  if (code === undefined || code === lostRace) return false;
  return !isSqlState(code) || /^(08|57P0)/.test(code);
}

/** What the claim service writes where a step found no row: another bot was faster. */
const lostRace = "LOST-RACE";

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}
