/** Ways in which a claim gets hurt, by the tag that scenarios bear, in the order of docs/scenarios.md. */
export const families: Readonly<Record<string, string>> = {
  partial: "Claims that are only partly there: several statements, or a race between them",
  zombies: "Zombies: bots that come back after their lease",
  rescue: "Rescue races: a claim is taken back while its bot settles it",
  "lock-identity": "Lost lock identity: a lock that stands for a job, and whose it is",
  planner: "Claims that depend on the planner, or on what the database keeps",
  poison: "A head that cannot be claimed",
  order: "Order, keys, types, and jobs that are passed over",
  "settle-path": "What happens when a settle fails",
  clock: "Clocks",
  "unknown-commit": "Commits whose answer is lost",
  durability: "Crashes, and what is on disk",
  failover: "Failover",
  "lost-notifications": "Lost notifications: bots that wait until they are told of jobs",
  load: "How fast, and how much of it",
};
