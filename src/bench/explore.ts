import { Disposal } from "../base/disposal.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { exploreStrategy } from "../explore/explore-strategy.ts";
import type { Exploration } from "../explore/explore-strategy.ts";
import { guaranteeText } from "../explore/guarantee.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { loadStrategy } from "../service/strategy.ts";

/** From one statement to three, without a lock, with one, and passing over it. */
const strategies = ["naive", "compare-and-set-status", "for-update", "skip-locked"];
const mostBots = 3;
const budgetMs = 120_000;

/** `npm run bench:explore`: how many schedules there are, and how long they take, as bots and steps grow. */
async function main(): Promise<void> {
  await using stack = new Disposal();
  const postgres = stack.use(await startPostgres({ server: "embedded", settings: {}, image: "" }));
  const control = stack.use(new ControlDatabase(postgres.address, postgres.schema));
  const context = { address: postgres.address, control, signal: new AbortController().signal };
  print(["strategy", "bots", "most steps", "schedules", "redundant", "ms each", "total", "shown"]);
  let totalMs = 0;
  for (const reference of strategies) {
    for (let bots = 1; bots <= mostBots; bots++) {
      const strategy = loadStrategy(reference);
      const common = {
        program: "claim",
        constraints: false,
        crashes: false,
        prunes: true,
        seed: 1,
        stepMs: 10_000,
        shrinkMs: 2_000,
      } as const;
      const request = { ...common, strategy, reference, bots, jobs: bots + 1, budgetMs };
      const { exploration } = await exploreStrategy(request, context);
      if (bots === mostBots) totalMs += exploration.durationMs;
      printExploration(exploration);
    }
  }
  process.stdout.write(`\n${mostBots} bots, all together: ${(totalMs / 1000).toFixed(1)} s\n`);
}

function printExploration({
  strategy,
  bots,
  schedules,
  msEach,
  durationMs,
  guarantees,
}: Exploration): void {
  const { steps, complete, redundant } = schedules;
  print([
    strategy,
    String(bots),
    String(steps),
    String(complete),
    String(redundant),
    msEach.toFixed(1),
    `${(durationMs / 1000).toFixed(2)} s`,
    guarantees.map((guarantee) => guaranteeText(guarantee, bots)).join("; "),
  ]);
}

function print(cells: readonly string[]): void {
  const [name = "", ...rest] = cells;
  process.stdout.write(`${name.padEnd(26)}${rest.map((text) => text.padStart(11)).join("")}\n`);
}

await main();
