import { HarnessError } from "../base/harness-error.ts";
import { combinationFindings } from "./combinations.ts";
import { namedStrategies, parseExpectation } from "./expectation.ts";
import { locate } from "./problem.ts";
import type { Finding, Problem } from "./problem.ts";
import type { ExpectationSpec, Scenario } from "./scenario.ts";
import { overridesSchema } from "./scenario-file.ts";
import { checkAgainst } from "./schema-findings.ts";
import { strategyName } from "./strategy-name.ts";

/** What the command line and `DOUBLETAKE_*` say over the scenario file. Absent: the file's word holds. */
export interface Overrides {
  /** Names or paths. They replace the subjects; controls stay, but one that is named here is judged as a subject. */
  readonly strategies?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  /** Modules with a queue in each: they play, in the place of all strategies. */
  readonly targets?: readonly string[] | undefined;
  /** Rounds per strategy. */
  readonly repeat?: number | undefined;
  /** How long the load of a round may last. */
  readonly loadMs?: number | undefined;
  /** Expectations beside those of the file. */
  readonly expect?: readonly string[] | undefined;
  /** `embedded`, `docker` or a URL. */
  readonly postgres?: string | undefined;
  /** `embedded`, `binary`, `docker`, `off` or a URL. */
  readonly toxiproxy?: string | undefined;
}

/**
 * The scenario as overridden. Expectations about a strategy that is no longer in it move to `leftOut`. HarnessError
 * (usage) where the result cannot be run, such as a fault that begins after a shortened load.
 */
export function withOverrides(scenario: Scenario, overrides: Overrides): Scenario {
  const checked = checkAgainst(overridesSchema, overrides, { path: [] });
  if (!checked.ok) throw overridesError(checked.findings);
  if (overrides.targets !== undefined) return withModules(scenario, overrides.targets, overrides);
  const strategies = withSubjects(scenario, overrides.strategies);
  const { environment } = scenario;
  const seed = overrides.seed ?? scenario.seed;
  const result: Scenario = {
    ...withRounds(scenario, overrides.repeat),
    ...(seed === undefined ? {} : { seed }),
    strategies,
    ...withExpectations(scenario, strategies, overrides.expect ?? []),
    environment: {
      ...environment,
      postgres: overrides.postgres ?? environment.postgres,
      toxiproxy: overrides.toxiproxy ?? environment.toxiproxy,
    },
    ...withDuration(scenario, overrides.loadMs),
  };
  const findings = combinationFindings(result);
  if (findings.length > 0) throw overriddenError(scenario.file, findings);
  return result;
}

/** Modules alone have no control beside them: the scenario's is a strategy, on tables that a module does not have. */
function withModules(scenario: Scenario, files: readonly string[], overrides: Overrides): Scenario {
  const names = files.map(strategyName);
  const played: Scenario = {
    ...scenario,
    target: {
      kind: "module",
      modules: Object.fromEntries(files.map((file, at) => [names[at], file])),
    },
    strategies: { subjects: names, controls: [] },
    expect: [],
    leftOut: [...(scenario.leftOut ?? []), ...scenario.expect],
  };
  return withOverrides(played, { ...overrides, targets: undefined, strategies: undefined });
}

/** A load of fixed length lasts so long; one that ends with its work ends by then at the latest. */
function withDuration(
  { load, deadlines }: Scenario,
  ms: number | undefined,
): Pick<Scenario, "load" | "deadlines"> {
  if (ms === undefined) return { load, deadlines };
  if (load.kind !== "duration" && load.kind !== "arrival-rate") {
    return { load, deadlines: { ...deadlines, loadMs: ms } };
  }
  const loadMs = Math.max(deadlines.loadMs, ms + graceMs);
  return { load: { ...load, forMs: ms }, deadlines: { ...deadlines, loadMs } };
}

/** A window that ends together with its deadline would count as cut short. */
const graceMs = 1_000;

/** So many, and no fewer: who names a number does not want to be stopped before. */
function withRounds(scenario: Scenario, repeat: number | undefined): Scenario {
  if (repeat === undefined) return scenario;
  const { leastRepeat: _, ...rest } = scenario;
  return { ...rest, repeat };
}

function withSubjects(
  { strategies }: Scenario,
  named: readonly string[] | undefined,
): Scenario["strategies"] {
  if (named === undefined) return strategies;
  return { subjects: named, controls: strategies.controls.filter((name) => !named.includes(name)) };
}

/** What an option expects stays, whatever strategies there are: naming one that is not there is the user's mistake. */
function withExpectations(
  scenario: Scenario,
  strategies: Scenario["strategies"],
  added: readonly string[],
): Pick<Scenario, "expect" | "leftOut"> {
  for (const text of added) rejectUnreadable(text);
  const kept =
    strategies === scenario.strategies ? scenario : withoutStrangers(scenario, strategies);
  const { expect, leftOut } = kept;
  const specs = added.map((text) => ({ text, position: onCommandLine }));
  return { expect: [...expect, ...specs], ...(leftOut === undefined ? {} : { leftOut }) };
}

const onCommandLine = { line: 0, column: 0 };

function rejectUnreadable(text: string): void {
  const parsed = parseExpectation(text);
  if (parsed.ok) return;
  const { what, hint } = parsed;
  throw new HarnessError({ kind: "usage", what, where: "--expect", hint });
}

function withoutStrangers(
  { expect, leftOut = [] }: Scenario,
  { subjects, controls }: Scenario["strategies"],
): Pick<Scenario, "expect" | "leftOut"> {
  const present = new Set([...subjects, ...controls].map(strategyName));
  const stays = ({ text }: ExpectationSpec): boolean => {
    const parsed = parseExpectation(text);
    return !parsed.ok || namedStrategies(parsed.expectation).every((name) => present.has(name));
  };
  return {
    expect: expect.filter(stays),
    leftOut: [...leftOut, ...expect.filter((spec) => !stays(spec))],
  };
}

const options: Readonly<Record<string, string>> = {
  strategies: "--strategy",
  repeat: "--rounds",
  loadMs: "--duration",
};

function overridesError(findings: readonly Finding[]): HarnessError {
  const [{ path, what, hint } = { path: [], what: "not possible", hint: undefined }] = findings;
  const key = String(path[0]);
  return new HarnessError({ kind: "usage", what, where: options[key] ?? `--${key}`, hint });
}

/** What an override made impossible has a place in the file only where a line of the file is concerned. */
function overriddenError(file: string, findings: readonly (Finding | Problem)[]): HarnessError {
  const texts = findings.map((finding) => {
    const isInFile = "position" in finding && finding.position !== onCommandLine;
    const where = isInFile
      ? locate(file, finding.position)
      : "position" in finding
        ? "--expect"
        : file;
    const hint = finding.hint === undefined ? "" : `\n  hint: ${finding.hint}`;
    return `${where}: ${finding.what}${hint}`;
  });
  return new HarnessError({
    kind: "usage",
    what: ["with the options given:", ...texts].join("\n"),
  });
}
