import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import { wallClock } from "../base/clock.ts";
import { packageRoot, packageVersion } from "../base/package-root.ts";
import type { RunResult } from "../report/result.ts";

/** What numbers of a committed baseline were measured on. */
export interface Machine {
  readonly postgres: string;
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Numbers that were measured once and are committed. */
export interface Baseline {
  readonly doubletake: string;
  /** ISO 8601; of its latest part. */
  readonly measuredAt: string;
  readonly machine: Machine;
}

export function originOf({ doubletake, startedAt, environment }: RunResult): Baseline {
  const { postgres, node, platform, cpus, cpuModel, settings } = environment;
  const machine = { postgres, node, platform, cpus, cpuModel, settings };
  return { doubletake, measuredAt: startedAt, machine };
}

/** Of what is measured without a run. `settings`: of the server, as far as they decide how fast it is. */
export function originHere(postgres: string, settings: Machine["settings"]): Baseline {
  const processors = os.cpus();
  const machine = {
    postgres,
    node: process.version,
    platform: os.platform(),
    cpus: processors.length,
    cpuModel: processors[0]?.model.trim() ?? "unknown",
    settings,
  };
  return { doubletake: packageVersion(), measuredAt: wallClock().toISOString(), machine };
}

/** "2 × AMD EPYC, PostgreSQL 18.4 (fsync on, synchronous_commit on), Node v20.20.2, 2026-11-24" */
export function originText({ machine, measuredAt }: Baseline): string {
  const { postgres, node, cpus, cpuModel, settings } = machine;
  const durability = `fsync ${settings["fsync"]}, synchronous_commit ${settings["synchronous_commit"]}`;
  return `${cpus} × ${cpuModel}, ${postgres} (${durability}), Node ${node}, ${measuredAt.slice(0, 10)}`;
}

/** Rows of two machines in one table would compare what cannot be compared. */
export function isSameMachine(one: Baseline, other: Baseline): boolean {
  return JSON.stringify(one.machine) === JSON.stringify(other.machine);
}

/** `name`: of a file in reports/baselines. Undefined where there is none. */
export function readBaseline(name: string): Baseline | undefined {
  const file = fileOf(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Baseline) : undefined;
}

export function writeBaseline(name: string, baseline: Baseline): void {
  const file = fileOf(name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(baseline, null, 2)}\n`);
}

function fileOf(name: string): string {
  return join(packageRoot, "reports", "baselines", `${name}.json`);
}
