import { z } from "zod";
import type { Finding, Problem } from "./problem.ts";
import type { Scenario } from "./scenario.ts";

/** Each is a process of its own: more are more than any machine has cores for. */
const maxHosts = 32;

/** Beside `count` and `connections`. */
export const hosts = z
  .int()
  .min(0)
  .max(maxHosts)
  .default(0)
  .describe("Processes that the bots live in, so that they can be killed; 0: they live in ours");

/** Loads whose bots need no more than to be told when to begin and when to end. */
const hostedLoads: readonly string[] = ["rounds", "drain", "duration"];

/** What does not go together with bots in processes of their own, or needs them. */
export function hostFindings(scenario: Scenario): (Finding | Problem)[] {
  return [...crewFindings(scenario), ...faultProblems(scenario)];
}

function crewFindings({ bots, load, target, environment }: Scenario): Finding[] {
  const { count, connections, hosts: processes = 0 } = bots;
  if (processes === 0) return [];
  const findings: Finding[] = [];
  const add = (path: string[], what: string, hint: string): void => {
    findings.push({ path, what, hint });
  };
  if (processes > count) {
    const what = `${processes} processes, but ${count} bots`;
    add(["bots", "hosts"], what, "raise bots.count, or lower bots.hosts");
  }
  if (connections !== "per-bot") {
    const what = "bots of several processes cannot share connections";
    add(["bots", "connections"], what, "remove bots.connections, or bots.hosts");
  }
  if (environment.pooler !== undefined) {
    const what = "bots of several processes cannot be told apart behind a pooler";
    add(["bots", "hosts"], what, "remove bots.hosts, or environment.pooler");
  }
  if (!hostedLoads.includes(load.kind)) {
    const what = `with load kind ${load.kind} the bots live in our own process`;
    add(["bots", "hosts"], what, `remove bots.hosts, or use one of ${hostedLoads.join(", ")}`);
  }
  if (target !== undefined) {
    const what = "only the reference service, called in process, can be used from other processes";
    add(["bots", "hosts"], what, "remove bots.hosts, or target");
  }
  return findings;
}

function faultProblems({ faults, bots }: Scenario): Problem[] {
  const isHosted = (bots.hosts ?? 0) > 0;
  return faults.flatMap(({ kind, needsBots, position }) => {
    if (needsBots === undefined || (needsBots === "in-hosts") === isHosted) return [];
    const what = isHosted
      ? `fault "${kind}" reaches only bots of our own process`
      : `fault "${kind}" needs bots that live in processes of their own`;
    const hint = isHosted ? "remove bots.hosts, or the fault" : "say how many: bots.hosts: 2";
    return [{ position, what, hint }];
  });
}
