import { HarnessError } from "../base/harness-error.ts";
import { faults } from "../chaos/faults.ts";
import { isDisposable } from "../environment/postgres/postgres-url.ts";
import type { PoolerKind } from "../scenario/pooler.ts";
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

/** What the scenario asks of its environment: by name, and for the sake of its faults and its pooler. */
export function neededCapabilities(scenario: Scenario): readonly string[] {
  const { requires, faults: specs, environment } = scenario;
  const ofFaults = specs.flatMap(({ kind }) => faults[kind]?.needs ?? []);
  const ofPooler = environment.pooler === undefined ? [] : [needOf[environment.pooler.kind]];
  return [...new Set([...requires, ...ofFaults, ...ofPooler])];
}

const needOf: Readonly<Record<PoolerKind, string>> = { proxy: "pooling", pgbouncer: "pgbouncer" };
