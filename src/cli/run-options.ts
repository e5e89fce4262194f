import { Option } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import type { Plan } from "../plan/plan.ts";
import { parseDurationMs } from "../scenario/duration.ts";
import type { Overrides } from "../scenario/overrides.ts";

export interface RunFlags {
  readonly strategy?: string;
  readonly target?: string;
  readonly seed?: string;
  readonly rounds?: string;
  readonly duration?: string;
  readonly expect?: readonly string[];
  readonly baseline?: string;
  readonly postgres?: string;
  readonly toxiproxy?: string;
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly dryRun?: boolean;
  readonly coverage?: boolean;
}

/** A flag wins over its environment variable, which wins over the scenario file. */
export const runOptions: readonly Option[] = [
  new Option(
    "--strategy <names>",
    "subjects instead of the scenario's: names or .sql files, with commas",
  ).env("DOUBLETAKE_STRATEGY"),
  new Option(
    "--target <modules>",
    "queues of yours in JavaScript modules, with commas, in the place of all strategies",
  ).env("DOUBLETAKE_TARGET"),
  new Option("--seed <number>", "the same seed makes the same plan").env("DOUBLETAKE_SEED"),
  new Option("--rounds <number>", "rounds of each strategy").env("DOUBLETAKE_ROUNDS"),
  new Option("--duration <time>", "longest load of a round, such as 10s").env(
    "DOUBLETAKE_DURATION",
  ),
  new Option(
    "--expect <expectation>",
    "beside the scenario's, such as 'skip-locked.toClaim.p99 < 100ms'; may be repeated",
  ).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]),
  new Option(
    "--baseline <result>",
    "a run folder or result.json that expectations call baseline",
  ).env("DOUBLETAKE_BASELINE"),
  new Option("--postgres <server>", "embedded, docker or a postgres:// URL").env(
    "DOUBLETAKE_POSTGRES",
  ),
  new Option("--toxiproxy <server>", "embedded, binary, docker, an http:// URL, or off").env(
    "DOUBLETAKE_TOXIPROXY",
  ),
  new Option("--out <folder>", "where run folders are made")
    .env("DOUBLETAKE_OUT")
    .default("reports"),
  new Option(
    "--coverage",
    "note when each statement of a claim was sent and answered, for `doubletake explore --coverage`",
  ),
  new Option("--json", "print result.json, and nothing else, on stdout"),
  new Option("--quiet", "print no progress"),
  new Option("--dry-run", "print the plan and start nothing"),
];

export function overridesOf(flags: RunFlags): Overrides {
  const given = {
    targets: flags.target?.split(",").map((file) => file.trim()),
    strategies: flags.strategy?.split(",").map((name) => name.trim()),
    seed: wholeNumber("--seed", flags.seed, 0),
    repeat: wholeNumber("--rounds", flags.rounds, 1),
    expect: flags.expect,
    loadMs: duration("--duration", flags.duration),
    postgres: flags.postgres,
    toxiproxy: flags.toxiproxy,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The command that does a run again: the same plan, on the same kind of servers. Names no URL, which may hold a password. */
export function replayCommand(plan: Plan, flags: RunFlags): string {
  const servers = (["postgres", "toxiproxy"] as const).map((name) => [name, flags[name]] as const);
  const options = [
    ["seed", String(plan.seed)] as const,
    ["strategy", flags.strategy] as const,
    ["target", flags.target] as const,
    ["rounds", flags.rounds] as const,
    ["duration", flags.duration] as const,
    ...(flags.expect ?? []).map((text) => ["expect", `'${text}'`] as const),
    ["baseline", flags.baseline] as const,
    ...servers.map(([name, server]) => [name, server?.includes("://") ? "URL" : server] as const),
  ];
  const given = options.filter(([, value]) => value !== undefined);
  return [
    "npx doubletake run",
    plan.scenario.file,
    ...given.map(([name, value]) => `--${name} ${value}`),
    ...(flags.coverage ? ["--coverage"] : []),
  ].join(" ");
}

export function wholeNumber(
  flag: string,
  text: string | undefined,
  least: number,
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && Number.isSafeInteger(number)) return number;
  const what = `"${text}" is not a whole number of at least ${least}`;
  throw new HarnessError({ kind: "usage", what, where: flag, hint: `for example ${flag} 3` });
}

function duration(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDurationMs(text, flag);
}
