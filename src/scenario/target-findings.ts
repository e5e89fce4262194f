import type { Finding } from "./problem.ts";
import type { Scenario } from "./scenario.ts";
import type { HttpApi } from "./target.ts";

/** What is wrong with a scenario whose system under test is a service. Paths are those of the file. */
export function targetFindings(scenario: Scenario): Finding[] {
  const { target } = scenario;
  if (target?.kind !== "http") return [];
  return [...serviceFindings(scenario), ...abilityFindings(scenario)];
}

/** Whoever plays is one of the services, where there are services. */
function serviceFindings({ target, strategies }: Scenario): Finding[] {
  const services = target?.kind === "http" ? target.services : undefined;
  if (services === undefined) return [];
  return (["subjects", "controls"] as const).flatMap((role) =>
    strategies[role].flatMap((name, index) => {
      if (services[name] !== undefined) return [];
      const hint = `target.services has ${Object.keys(services).join(", ")}`;
      const what = `"${name}" is none of the services`;
      return [{ path: ["strategies", role, index], what, hint }];
    }),
  );
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
