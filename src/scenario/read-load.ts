import { unreachable } from "../base/assert.ts";
import type { DrawnTime, Load, Producer } from "./load.ts";
import { meanMs } from "./load.ts";
import type { Scenario } from "./scenario.ts";
import type { ScenarioFile } from "./scenario-file.ts";

/** What a file says of its load, with units in the names. */
export function readLoad(load: ScenarioFile["load"]): Load {
  switch (load.kind) {
    case "rounds":
    case "drain":
      return load;
    case "duration":
      return { kind: "duration", forMs: load.for };
    case "arrival-rate":
      return { kind: load.kind, ratePerSecond: load.rate, forMs: load.for, ...punctuality(load) };
    case "ramp": {
      const stages = load.stages.map((stage) => ({ ratePerSecond: stage.rate, forMs: stage.for }));
      return { kind: load.kind, stages, ...punctuality(load) };
    }
    default:
      return unreachable(load);
  }
}

export function readProducer({ rate, until }: NonNullable<ScenarioFile["enqueue"]>): Producer {
  return { ratePerSecond: rate, untilMs: until ?? null };
}

export function readWork(work: number | DrawnTime): Omit<Scenario["jobs"], "count"> {
  return typeof work === "number" ? { workMs: work } : { workMs: meanMs(work), work };
}

export function readThink(think: number | DrawnTime): Pick<Scenario["bots"], "think"> {
  if (typeof think !== "number") return { think };
  return think === 0 ? {} : { think: { kind: "constant", ms: think } };
}

function punctuality(load: {
  readonly arrivals: "constant" | "poisson";
  readonly lateAfter: number;
  readonly skipAfter: number;
}) {
  return {
    arrivals: load.arrivals,
    lateAfterMs: load.lateAfter,
    skipAfterMs: load.skipAfter,
  };
}
