import { monotonicMs } from "../base/clock.ts";
import { Disposal } from "../base/disposal.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { exploreStrategy } from "../explore/explore-strategy.ts";
import type { Exploration, ExploreContext } from "../explore/explore-strategy.ts";
import { guaranteeText } from "../explore/guarantee.ts";
import type { ProgramName } from "../explore/programs.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { loadStrategy } from "../service/strategy.ts";

/** From one statement to three, without a lock, with one, and passing over it. */
const strategies = ["naive", "compare-and-set-status", "for-update", "skip-locked"];
const fewestBots = 2;
const mostBots = 4;
/** The number of bots for which all of the strategies together are to be explored to the end. */
const wholeBots = 3;
/** Four bots have more orders than a benchmark can wait for: it is told what was reached. */
const budgetMs = 25_000;

interface Measured {
  readonly exploration: Exploration;
  /** From the making of the tables to the first schedule that breaks a property; undefined: none does. */
  readonly firstBrokenMs: number | undefined;
}

/**
 * `npm run bench:explore`: how many schedules there are, and how long they take, as bots and steps grow. Times are without
 * the start of the process and of the server, and with the making of the tables and the shrinking of counterexamples.
 */
async function main(): Promise<void> {
  await using stack = new Disposal();
  const postgres = stack.use(await startPostgres({ server: "embedded", settings: {}, image: "" }));
  const control = stack.use(new ControlDatabase(postgres.address, postgres.schema));
  const context = { address: postgres.address, control, signal: new AbortController().signal };
  // The first exploration pays for what the process does for the first time.
  await measure(context, "skip-locked", 1);
  print(["strategy", "bots", "steps", "schedules", "growth", "redundant", "ms each", "total s"]);
  await byBots(context);
  print(["\nprogram, skip-locked", "bots", "steps", "schedules", "growth", "redundant", "ms each"]);
  await bySteps(context);
}

async function byBots(context: ExploreContext): Promise<void> {
  let wholeMs = 0;
  let firstBrokenMs: number | undefined;
  for (const reference of strategies) {
    let fewer: number | undefined;
    for (let bots = fewestBots; bots <= mostBots; bots++) {
      const measured = await measure(context, reference, bots);
      const { complete } = measured.exploration.schedules;
      printExploration(reference, measured.exploration, fewer);
      fewer = complete;
      if (bots === wholeBots) wholeMs += measured.exploration.durationMs;
      if (bots === wholeBots) firstBrokenMs ??= measured.firstBrokenMs;
    }
  }
  process.stdout.write(
    `\n${wholeBots} bots, all ${strategies.length} together: ${(wholeMs / 1000).toFixed(1)} s; ` +
      `naive is seen to be broken after ${((firstBrokenMs ?? Number.NaN) / 1000).toFixed(2)} s\n`,
  );
}

async function bySteps(context: ExploreContext): Promise<void> {
  let claim: number | undefined;
  for (const program of ["claim", "lifecycle", "rescue"] as const) {
    const { exploration } = await measure(context, "skip-locked", fewestBots, program);
    printExploration(program, exploration, claim);
    claim ??= exploration.schedules.complete;
  }
}

async function measure(
  context: ExploreContext,
  reference: string,
  bots: number,
  program: ProgramName = "claim",
): Promise<Measured> {
  const common = { program, constraints: false, crashes: false, prunes: true, seed: 1 } as const;
  const bounds = { bots, jobs: bots + 1, budgetMs, stepMs: 10_000, shrinkMs: 10_000 };
  const request = { ...common, ...bounds, reference, strategy: loadStrategy(reference) };
  const startedAt = monotonicMs();
  let firstBrokenMs: number | undefined;
  const onSchedule: ExploreContext["onSchedule"] = ({ broken }) => {
    if (broken > 0) firstBrokenMs ??= monotonicMs() - startedAt;
  };
  const { exploration } = await exploreStrategy(request, { ...context, onSchedule });
  return { exploration, firstBrokenMs };
}

/** `fewer`: schedules of the line that this one is compared with. */
function printExploration(name: string, exploration: Exploration, fewer: number | undefined): void {
  const { bots, schedules, msEach, durationMs, guarantees } = exploration;
  const { steps, complete, redundant } = schedules;
  const isWhole = guarantees.some(({ kind }) => kind === "every-interleaving");
  print([
    name,
    String(bots),
    String(steps),
    `${isWhole ? "" : ">"}${complete}`,
    fewer === undefined ? "" : `${isWhole ? "" : ">"}${(complete / fewer).toFixed(1)}`,
    String(redundant),
    msEach.toFixed(1),
    (durationMs / 1000).toFixed(2),
    isWhole ? "" : guarantees.map((guarantee) => guaranteeText(guarantee, bots)).join("; "),
  ]);
}

function print(cells: readonly string[]): void {
  const [name = "", ...rest] = cells;
  process.stdout.write(`${name.padEnd(24)}${rest.map((text) => text.padStart(10)).join("")}\n`);
}

await main();
