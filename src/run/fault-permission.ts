import { HarnessError } from "../base/harness-error.ts";
import { faults } from "../chaos/faults.ts";
import { isDisposable } from "../environment/postgres/postgres-url.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { locate } from "../scenario/problem.ts";

/**
 * A fault that hurts everybody on a server is not injected into one that is somebody else's, unless its URL says that
 * nobody will mind. HarnessError (usage), before anything is connected to.
 */
export function refuseHarm({ file, faults: specs, environment }: Scenario): void {
  const { postgres } = environment;
  if (!postgres.includes("://") || isDisposable(postgres)) return;
  const harmful = specs.find(({ kind }) => faults[kind]?.reach === "server");
  if (harmful === undefined) return;
  throw new HarnessError({
    kind: "usage",
    what: `fault "${harmful.kind}" would hurt everybody on this PostgreSQL, which is not ours`,
    where: locate(file, harmful.position),
    hint: "use --postgres embedded, or, where nobody minds, end the URL with ?disposable=true",
  });
}

/** What the scenario asks of its environment: by name, and for the sake of its faults. */
export function neededCapabilities({ requires, faults: specs }: Scenario): readonly string[] {
  return [...new Set([...requires, ...specs.flatMap(({ kind }) => faults[kind]?.needs ?? [])])];
}
