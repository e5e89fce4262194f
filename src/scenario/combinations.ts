import { formatDurationMs } from "./duration.ts";
import { namedStrategies, parseExpectation } from "./expectation.ts";
import { hostFindings } from "./hosts.ts";
import { lifecycleFindings } from "./lifecycle-findings.ts";
import { loadFindings } from "./load-combinations.ts";
import { allowedHint } from "./nearest.ts";
import type { Finding, Problem } from "./problem.ts";
import { repeatFindings } from "./repeat.ts";
import type { ExpectationSpec, FaultSpec, Scenario } from "./scenario.ts";
import { strategyName } from "./strategy-name.ts";
import { targetFindings } from "./target-findings.ts";
import { wakeFindings } from "./wake-key.ts";

/** More than a report could show or a run could count one by one; such a fault is a toxic, not a moment. */
export const maxInjections = 10_000;

/** What is wrong with a scenario whose every key is right by itself. Paths are those of the file. */
export function combinationFindings(scenario: Scenario): (Finding | Problem)[] {
  return [
    ...strategyFindings(scenario),
    ...environmentFindings(scenario),
    ...poolerFindings(scenario),
    ...lifecycleFindings(scenario),
    ...targetFindings(scenario),
    ...loadFindings(scenario),
    ...hostFindings(scenario),
    ...wakeFindings(scenario),
    ...repeatFindings(scenario),
    ...scenario.faults.flatMap((fault) => [
      ...linkProblems(fault, scenario),
      ...scheduleProblems(fault, scenario),
    ]),
    ...scenario.expect.flatMap((spec) => expectationProblems(spec, scenario)),
  ];
}

function strategyFindings({ strategies: { subjects, controls } }: Scenario): Finding[] {
  const findings: Finding[] = [];
  if (subjects.length === 0) {
    const hint = "name at least one strategy that must satisfy the checks: subjects: [skip-locked]";
    findings.push({ path: ["strategies"], what: "no subject to judge", hint });
  }
  const seen = new Map<string, "subjects" | "controls">();
  for (const role of ["subjects", "controls"] as const) {
    for (const [index, reference] of (role === "subjects" ? subjects : controls).entries()) {
      const name = strategyName(reference);
      const before = seen.get(name);
      seen.set(name, before ?? role);
      if (before === undefined) continue;
      const path = ["strategies", role, index];
      findings.push({ path, ...repeatedStrategy(name, before === role) });
    }
  }
  return findings;
}

function repeatedStrategy(name: string, sameRole: boolean): { what: string; hint: string } {
  return sameRole
    ? { what: `strategy "${name}" stands twice`, hint: "remove one, or rename its file" }
    : {
        what: `strategy "${name}" is both subject and control`,
        hint: "a subject must pass what a control must fail: keep it in one list",
      };
}

function environmentFindings({ environment: { postgres, settings } }: Scenario): Finding[] {
  const existing = postgres !== "embedded" && postgres !== "docker";
  if (!existing || Object.keys(settings).length === 0) return [];
  const what = "settings cannot be changed on a server that is not ours";
  const hint = "use postgres: embedded or docker, or remove environment.settings";
  return [{ path: ["environment", "settings"], at: "key", what, hint }];
}

/** The proxy's pooler is a part of the proxy, and what stands before a service or a module is its own affair. */
function poolerFindings({ environment: { pooler, toxiproxy }, target }: Scenario): Finding[] {
  if (pooler === undefined) return [];
  const path = ["environment", "pooler"];
  if (pooler.kind === "proxy" && toxiproxy === "off") {
    const what = "the pooler is the proxy's, but toxiproxy is off";
    return [{ path, at: "key", what, hint: "use toxiproxy: embedded, or kind: pgbouncer" }];
  }
  if (target === undefined) return [];
  const what = "a pooler stands before bots that talk to PostgreSQL, and these talk to a service";
  return [{ path, at: "key", what, hint: "leave environment.pooler out, or target" }];
}

function linkProblems({ kind, settings, position }: FaultSpec, scenario: Scenario): Problem[] {
  if (scenario.environment.toxiproxy !== "off" || !usesLink(settings)) return [];
  const what = `fault "${kind}" needs a link, but toxiproxy is off`;
  return [{ position, what, hint: "remove the fault, or use toxiproxy: embedded" }];
}

function usesLink(settings: unknown): boolean {
  if (typeof settings !== "object" || settings === null) return false;
  return (settings as { readonly link?: unknown }).link !== undefined;
}

/** A fault that the load does not last long enough for, or that comes too often. */
function scheduleProblems({ kind, schedule, position }: FaultSpec, scenario: Scenario): Problem[] {
  const { fromMs, toMs, everyMs } = schedule;
  const { loadMs } = scenario.deadlines;
  const problem = (what: string, hint: string): Problem[] => [
    { position, what: `fault "${kind}" ${what}`, hint },
  ];
  if (fromMs >= loadMs) {
    const what = `begins at ${formatDurationMs(fromMs)}, but the load ends by ${formatDurationMs(loadMs)}`;
    return problem(what, "begin it earlier, or raise deadlines.load");
  }
  if (everyMs === null) return [];
  const endMs = Math.min(toMs ?? loadMs, loadMs);
  const every = formatDurationMs(everyMs);
  const times = Math.floor((endMs - fromMs) / everyMs);
  if (times > maxInjections) {
    const what = `every ${every} would be injected ${times} times, at most ${maxInjections} are possible`;
    return problem(what, "inject it less often, or end it earlier with to");
  }
  if (fromMs + everyMs < endMs) return [];
  const what = `would never be injected: the first time is ${every} after ${formatDurationMs(fromMs)}, its end is ${formatDurationMs(endMs)}`;
  return problem(what, "inject it more often, or give it more time");
}

function expectationProblems({ text, position }: ExpectationSpec, scenario: Scenario): Problem[] {
  const parsed = parseExpectation(text);
  if (!parsed.ok) return [];
  const { subjects, controls } = scenario.strategies;
  const known = [...new Set([...subjects, ...controls].map(strategyName))];
  return namedStrategies(parsed.expectation)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const what = `strategy "${name}" is not in this scenario`;
      return { position, what, hint: allowedHint(name, known) };
    });
}
