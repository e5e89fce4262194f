import { HarnessError } from "../base/harness-error.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** HarnessError (usage) where it would not be known which bot's a statement is, or when it was sent. */
export function rejectUntimed({ file, target, bots }: Scenario): void {
  const why =
    target !== undefined
      ? "they ask a service or a module, which talks to the database for them"
      : bots.connections !== "per-bot"
        ? "they share connections"
        : (bots.hosts ?? 0) > 0
          ? "they live in processes of their own"
          : undefined;
  if (why === undefined) return;
  throw new HarnessError({
    kind: "usage",
    what: `the bots' statements cannot be timed here: ${why}`,
    where: file,
    hint: "leave --coverage away, or use a scenario with bots: { connections: per-bot } and no target",
  });
}
