import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../base/package-root.ts";
import { faults } from "../chaos/faults.ts";
import { readScenario } from "../scenario/read-scenario.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { loadStrategy } from "../service/strategy.ts";

/** A file of `scenarios`, as `doubletake list` and docs/scenarios.md have it. */
export interface ShippedScenario {
  readonly name: string;
  /** The question. */
  readonly summary: string;
  readonly file: string;
  readonly tags: readonly string[];
  readonly faults: readonly string[];
  readonly subjects: readonly string[];
  readonly controls: readonly Control[];
  /** How long it took, once, on a machine with two cores; a scenario that is given more or less time takes more or less. */
  readonly seconds: number | null;
}

export interface Control {
  readonly name: string;
  /** The checks that are to catch it, whatever is broken meanwhile; empty where only what is broken makes it fail. */
  readonly breaks: readonly string[];
}

const folder = join(packageRoot, "scenarios");
const durations = z.record(z.string(), z.number().positive());

/** Every scenario that comes with doubletake, by the name of its file. */
export function shippedScenarios(): readonly ShippedScenario[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  const seconds = measuredSeconds();
  return files.toSorted().map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const scenario = readScenario({ file: `scenarios/${file}`, text }, faults);
    return entryOf(scenario, seconds[scenario.name] ?? null);
  });
}

/** `scenarios/durations.json`: seconds by the name of a scenario, as they were measured. */
export function measuredSeconds(): Readonly<Record<string, number>> {
  return durations.parse(JSON.parse(readFileSync(join(folder, "durations.json"), "utf8")));
}

function entryOf(scenario: Scenario, seconds: number | null): ShippedScenario {
  const { subjects, controls } = scenario.strategies;
  return {
    name: scenario.name,
    summary: scenario.description,
    file: scenario.file,
    tags: scenario.tags,
    faults: [...new Set(scenario.faults.map((fault) => fault.kind))],
    subjects,
    controls: controls.map((name) => ({ name, breaks: loadStrategy(name).breaks })),
    seconds,
  };
}

/** "stale-statistics · in-limit must fail no-over-claim · about 4 s · nightly, planner". */
export function scenarioDetail({
  faults: kinds,
  controls,
  seconds,
  tags,
}: ShippedScenario): string {
  const caught = controls.map(({ name, breaks }) =>
    breaks.length === 0 ? `${name} must be caught` : `${name} must fail ${breaks.join(", ")}`,
  );
  return [
    kinds.length === 0 ? "nothing is broken" : kinds.join(", "),
    ...caught,
    seconds === null ? "never timed" : `about ${seconds} s`,
    tags.join(", "),
  ].join(" · ");
}
