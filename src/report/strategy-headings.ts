/** The columns of the table of strategies, on the terminal and in Markdown. The page has more room, and its own. */
export const strategyHeadings = [
  "strategy",
  "role",
  "rounds",
  "claims/s",
  "p50 to claim",
  "p99 to claim",
  "duplicates",
  "inconsistencies",
  "verdict",
] as const;
