/** States that a job does not leave by itself. */
export const terminalStates: ReadonlySet<string> = new Set(["succeeded", "failed", "dead"]);
