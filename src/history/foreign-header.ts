import { basename } from "node:path";
import type { Plan } from "../plan/plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { EventTable } from "./event-table.ts";
import type { EnqueueDetail } from "./event.ts";
import type { HistoryHeader } from "./header.ts";

/** The strategy of a history that names none. */
const unnamed = "unnamed";

/** The smallest header under which the events of another system can be judged: one round, no faults, no constraints. */
export function foreignHeader(file: string, events: EventTable): HistoryHeader {
  return {
    format: "doubletake-history",
    version: 1,
    startedAt: new Date(0).toISOString(),
    doubletake: "unknown",
    plan: minimalPlan(file, events),
    environment: {
      postgres: "unknown",
      toxiproxy: "off",
      node: "unknown",
      platform: "unknown",
      cpus: 0,
      cpuModel: "unknown",
      versions: {},
      settings: {},
    },
    strategies: {},
    foreign: true,
  };
}

function minimalPlan(file: string, events: EventTable): Plan {
  const round = { round: 0, repeat: 0, strategy: unnamed, role: "subject", seed: 0 } as const;
  return {
    scenario: minimalScenario(file, events),
    seed: 0,
    rounds: [{ ...round, constraints: false, faults: [] }],
  };
}

function minimalScenario(file: string, events: EventTable): Scenario {
  const { bots, jobs } = countBotsAndJobs(events);
  return {
    file,
    name: basename(file).replace(/\.[a-z]+$/, ""),
    description: "a history of another system",
    tags: [],
    strategies: { subjects: [unnamed], controls: [] },
    constraints: "none",
    jobs: { count: jobs, workMs: 0 },
    bots: { count: bots, connections: "per-bot" },
    load: { kind: "drain" },
    repeat: 1,
    faults: [],
    expect: [],
    environment: {
      postgres: "unknown",
      toxiproxy: "off",
      settings: {},
      images: { postgres: "", toxiproxy: "" },
      witness: "off",
    },
    requires: [],
    deadlines: { loadMs: 0, drainMs: 0, statementMs: 0 },
  };
}

function countBotsAndJobs(events: EventTable): { readonly bots: number; readonly jobs: number } {
  const bots = new Set<number>();
  let jobs = 0;
  for (let index = 0; index < events.length; index++) {
    if (events.bot(index) !== -1) bots.add(events.bot(index));
    if (events.op(index) === "enqueue" && events.type(index) === "ok") {
      const detail = events.detail(index) as EnqueueDetail | undefined;
      const ranges = detail?.jobs ?? [];
      jobs += ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    }
  }
  return { bots: bots.size, jobs };
}
