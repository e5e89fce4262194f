import { Option } from "commander";
import { drawSeed } from "../base/random.ts";
import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import { crashGrains } from "../explore/crash/crash-exploration.ts";
import type { CrashGrain } from "../explore/crash/crash-exploration.ts";
import type { ExploreRequest } from "../explore/explore-strategy.ts";
import { programs } from "../explore/programs.ts";
import type { ProgramName } from "../explore/programs.ts";
import { readProgress } from "../explore/progress-file.ts";
import type { ExploreProgress } from "../explore/progress-file.ts";
import { parseDurationMs } from "../scenario/duration.ts";
import { loadClaimer, QueueFile } from "../explore/claimer.ts";
import { strategyNames } from "../service/strategy.ts";

export interface ExploreFlags {
  readonly bots?: string;
  readonly jobs?: string;
  readonly program: ProgramName;
  readonly constraints?: boolean;
  readonly budget: string;
  readonly prune: boolean;
  readonly seed?: string;
  readonly stepTimeout: string;
  readonly table?: boolean;
  readonly crash?: boolean;
  readonly crashAt?: CrashGrain;
  readonly asDeclared?: boolean;
  readonly postgres: string;
  readonly out: string;
  readonly spec?: string;
  readonly html?: string;
  readonly resume?: string;
  readonly coverage?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The run decides these: two bots that claim, with the constraints that it had. */
const notWithCoverage = [
  "program",
  "bots",
  "jobs",
  "seed",
  "constraints",
  "crash",
  "resume",
  "spec",
  "html",
  "table",
  "asDeclared",
] as const;

export const exploreOptions: readonly Option[] = [
  new Option("--bots <number>", "how many bots race; else 2, and 1 with --crash"),
  new Option("--jobs <number>", "how many jobs there are; else one more than bots"),
  new Option("--program <name>", "what every bot does")
    .choices(Object.keys(programs))
    .default("claim"),
  new Option(
    "--crash",
    "one bot crashes, at every message of the protocol and in every way; with --bots 2 at every statement, in every order",
  ).conflicts("asDeclared"),
  new Option(
    "--crash-at <where>",
    "each message of the protocol, or each statement as a whole; else messages for 1 bot, statements for more",
  ).choices(crashGrains),
  new Option("--constraints", "with sql/constraints.sql, which refuse some of what goes wrong"),
  new Option("--budget <time>", "for each strategy, such as 30s").default("60s"),
  new Option("--no-prune", "carry out also the orders that nobody can tell apart"),
  new Option("--seed <number>", "of the random schedules, where the budget is too short for all"),
  new Option(
    "--step-timeout <time>",
    "a statement that takes longer without waiting for another bot is given up",
  ).default("5s"),
  new Option("--postgres <server>", "embedded, docker or a postgres:// URL")
    .env("DOUBLETAKE_POSTGRES")
    .default("embedded"),
  new Option("--out <folder>", "where counterexamples are saved").default("reports/explore"),
  new Option("--spec <file>", "write the first counterexample as a test of isolationtester"),
  new Option("--html <file>", "write the first counterexample as a page"),
  new Option("--resume <file>", "go on where an interrupted exploration was saved"),
  new Option(
    "--coverage <run>",
    "say which classes of two bots' claims a run with --coverage has visited; its folder",
  ).conflicts([...notWithCoverage]),
  new Option("--json", "print one JSON document, and nothing else, on stdout"),
  new Option("--table", "print one Markdown table of all strategies").conflicts("json"),
  new Option(
    "--as-declared",
    "hold each strategy to what it says of itself: one that is unsafe has to be broken, and one that is safe must not be",
  ),
  new Option("--quiet", "print no progress"),
];

const crashPrograms: ReadonlySet<ProgramName> = new Set(["claim", "lifecycle"]);
/** For a smaller schedule of each property that is broken. */
const shrinkMs = 10_000;
/** Beyond that the orders are too many for any budget, and the server's connections too few. */
const mostBots = 8;

export interface Wanted {
  readonly requests: readonly ExploreRequest[];
  /** What an exploration before this one had done. */
  readonly done: ExploreProgress["done"];
}

/** HarnessError (usage) where a flag or a strategy cannot be understood. Nothing is started before that is known. */
export function wantedOf(names: string | undefined, flags: ExploreFlags): Wanted {
  const wanted = flags.resume === undefined ? asked(names, flags) : resumed(flags.resume);
  for (const { strategy } of wanted.requests) {
    if (strategy instanceof QueueFile) refuseFor(strategy, flags);
  }
  return wanted;
}

function asked(names: string | undefined, flags: ExploreFlags): Wanted {
  if (names === undefined) {
    const hint = "name one, several with commas, or all: doubletake explore skip-locked";
    throw new HarnessError({ kind: "usage", what: "no strategy is named", hint });
  }
  if (flags.crash && !crashPrograms.has(flags.program)) {
    const what = "every crash is followed by whatever it takes to recover, a rescue included";
    const hint = "use --program claim or lifecycle with --crash";
    throw new HarnessError({ kind: "usage", what, where: `--program ${flags.program}`, hint });
  }
  const references =
    names === "all" ? strategyNames() : names.split(",").map((name) => name.trim());
  const bots = wholeNumber("--bots", flags.bots ?? (flags.crash ? "1" : "2"), {
    least: 1,
    most: mostBots,
  });
  const common = {
    program: flags.program,
    bots,
    jobs: wholeNumber("--jobs", flags.jobs ?? String(bots + 1), { least: 1, most: 1000 }),
    constraints: flags.constraints === true,
    crashes: flags.crash === true,
    crashGrain: crashGrainOf(flags, bots),
    budgetMs: parseDurationMs(flags.budget, "--budget"),
    prunes: flags.prune,
    seed: flags.seed === undefined ? drawSeed() : wholeNumber("--seed", flags.seed, { least: 0 }),
    stepMs: parseDurationMs(flags.stepTimeout, "--step-timeout"),
    shrinkMs,
  };
  const requests = references.map((reference) => ({
    ...common,
    reference,
    strategy: loadClaimer(reference),
  }));
  return { requests, done: [] };
}

/** What is about the reference tables, or about what a strategy says of itself. */
function refuseFor({ file }: QueueFile, { constraints, asDeclared }: ExploreFlags): void {
  const what = constraints
    ? "a module has tables of its own, on which sql/constraints.sql does not stand"
    : asDeclared
      ? "a module says nothing of itself that it could be held to"
      : undefined;
  if (what === undefined) return;
  const hint = `leave ${constraints ? "--constraints" : "--as-declared"} away`;
  throw new HarnessError({ kind: "usage", what, where: file, hint });
}

function crashGrainOf({ crash, crashAt }: ExploreFlags, bots: number): CrashGrain | undefined {
  if (crashAt === undefined) return undefined;
  const where = `--crash-at ${crashAt}`;
  if (crash !== true) {
    const hint = "add --crash";
    throw new HarnessError({ kind: "usage", what: "no bot crashes", where, hint });
  }
  if (crashAt === "statements" || bots === 1) return crashAt;
  const what = "crashes at messages are explored for one bot, and there are several";
  throw new HarnessError({ kind: "usage", what, where, hint: "leave --crash-at away" });
}

function resumed(file: string): Wanted {
  const { left, saved, done } = readProgress(file, packageVersion());
  const requests = left.map((request, at) => ({
    ...request,
    strategy: loadClaimer(request.reference),
    ...(at === 0 && saved !== null ? { saved } : {}),
  }));
  return { requests, done };
}

function wholeNumber(
  flag: string,
  text: string,
  { least, most = Number.MAX_SAFE_INTEGER }: { readonly least: number; readonly most?: number },
): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  const range =
    most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  const what = `"${text}" is not a whole number ${range}`;
  throw new HarnessError({ kind: "usage", what, where: flag, hint: `for example ${flag} 3` });
}
