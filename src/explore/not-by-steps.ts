/**
 * Strategies that are unsafe, and that no order of whole statements breaks: why. What happens inside one statement is
 * not the explorer's to decide; the load tests catch these.
 */
export const notBySteps: ReadonlyMap<string, string> = new Map([
  [
    "advisory-lock-no-recheck",
    "the race lies inside its first statement, between reading the jobs and taking the lock",
  ],
  [
    "in-limit",
    "it takes more than it should where the planner's statistics are from before the jobs came",
  ],
  [
    "visibility-timeout",
    "a lease has to run out first: `--program rescue` has leases that do, and breaks it",
  ],
  ["lease-by-bot-clock", "a bot's clock has to be wrong, and here all bots have the same"],
]);
