import type { Finding } from "./problem.ts";
import type { Scenario } from "./scenario.ts";
import type { HttpApi } from "./target.ts";

/** What is wrong with a scenario whose system under test is a service. Paths are those of the file. */
export function targetFindings(scenario: Scenario): Finding[] {
  return [...playerFindings(scenario), ...abilityFindings(scenario)];
}

/** Whoever plays is one of the services or modules, where there are any. */
function playerFindings({ target, strategies }: Scenario): Finding[] {
  const known = playersOf(target);
  if (known === undefined) return [];
  const kind = target?.kind === "module" ? "modules" : "services";
  return (["subjects", "controls"] as const).flatMap((role) =>
    strategies[role].flatMap((name, index) => {
      if (known.includes(name)) return [];
      const hint = `target.${kind} has ${known.join(", ")}`;
      const what = `"${name}" is none of the ${kind}`;
      return [{ path: ["strategies", role, index], what, hint }];
    }),
  );
}

/** The names of those who bring a queue of their own; undefined where strategies play. */
export function playersOf(target: Scenario["target"]): readonly string[] | undefined {
  if (target === undefined) return undefined;
  if (target.kind === "module") return Object.keys(target.modules);
  return target.services && Object.keys(target.services);
}

/** What a scenario asks of a service whose API has no such request. */
function abilityFindings({ target, claims, rescue, jobs }: Scenario): Finding[] {
  const api = target?.kind === "http" ? target.api : undefined;
  if (api === undefined) return [];
  const asked: readonly (readonly [keyof HttpApi, boolean, readonly string[]])[] = [
    ["heartbeat", claims?.heartbeatMs !== undefined, ["claims", "heartbeat"]],
    ["rescue", rescue !== undefined, ["rescue"]],
    ["fail", (jobs.failing ?? 0) > 0, ["jobs", "failing"]],
  ];
  return asked
    .filter(([name, isAsked]) => isAsked && api[name] === undefined)
    .map(([name, , path]) => ({
      path,
      what: `the service cannot be asked to ${name}`,
      hint: `add ${name} to target.api, or leave ${path.join(".")} out`,
    }));
}
