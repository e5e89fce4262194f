import { HarnessError } from "../../base/harness-error.ts";
import type { PostgresServer } from "../../environment/postgres/postgres-server.ts";
import { checkStrategy } from "../../service/check-strategy.ts";
import type { Claim } from "../../service/claim-run.ts";
import { ControlDatabase } from "../../service/control-database.ts";
import { Lifecycle } from "../../service/lifecycle.ts";
import type { Outcome } from "../../service/outcome.ts";
import { loadStrategy } from "../../service/strategy.ts";
import type { Strategy } from "../../service/strategy.ts";
import { freshTables, registerBots, settleTables } from "../../service/tables.ts";
import type { ReferenceTarget } from "../../targets/reference/reference-target.ts";
import { time } from "../timing.ts";
import type { Timed, TimedResult, TimingOptions } from "../timing.ts";
import { referenceTarget } from "../reference-bench.ts";

export interface DatabaseSuiteOptions extends TimingOptions {
  readonly server: PostgresServer;
  readonly strategies: readonly string[];
  /** A strategy that the reference tables cannot serve is left out, and told. */
  readonly onSkipped: (strategy: string, why: string) => void;
}

const lifecycleStrategy = "skip-locked";

/**
 * One claim of each strategy and each step of a job's life, by one bot that nobody competes with: what a statement costs
 * by itself. Each strategy has fresh tables.
 */
export async function timeDatabase(options: DatabaseSuiteOptions): Promise<TimedResult[]> {
  const { server, onSkipped } = options;
  await using control = new ControlDatabase(server.address, server.schema);
  const results: TimedResult[] = [];
  for (const name of options.strategies) {
    const strategy = loadStrategy(name);
    try {
      await freshTables(control, { constraints: true });
      await checkStrategy(control, strategy);
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      onSkipped(name, error.what);
      continue;
    }
    results.push(...(await timeStrategy(strategy, control, options)));
  }
  return results;
}

async function timeStrategy(
  strategy: Strategy,
  control: ControlDatabase,
  { server, ...timing }: DatabaseSuiteOptions,
): Promise<TimedResult[]> {
  await registerBots(control, new Lifecycle(), 1);
  await using target = referenceTarget({ strategy, server, control, bots: 1 });
  const bot = new LoneBot(target);
  await bot.stock();
  await settleTables(control);
  const claim: Timed = {
    name: `claim/${strategy.name}`,
    kind: "async",
    call: () => bot.claim(),
    before: () => bot.stock(),
    after: () => bot.finish(),
  };
  const steps = strategy.name === lifecycleStrategy ? lifecycleSteps(bot, target) : [];
  return await time([claim, ...steps], timing);
}

function lifecycleSteps(bot: LoneBot, target: ReferenceTarget): readonly Timed[] {
  const claimed = async (): Promise<void> => {
    await bot.stock();
    await bot.claim();
  };
  return [
    {
      name: "lifecycle/start",
      kind: "async",
      before: claimed,
      call: () => bot.start(),
      after: () => bot.complete(),
    },
    {
      name: "lifecycle/complete",
      kind: "async",
      before: async () => {
        await claimed();
        await bot.start();
      },
      call: () => bot.complete(),
    },
    {
      name: "lifecycle/resume",
      kind: "async",
      before: claimed,
      call: () => target.resume(1),
      after: () => bot.finish(),
    },
    { name: "lifecycle/enqueue", kind: "async", call: () => target.enqueue(1) },
  ];
}

/** So many jobs are added when the last ones have been taken. */
const stock = 500;

/** A bot that nothing may go wrong for: a timing of a failure is no timing. */
class LoneBot {
  readonly #target: ReferenceTarget;
  #left = 0;
  #claim: Claim | undefined;

  constructor(target: ReferenceTarget) {
    this.#target = target;
  }

  async stock(): Promise<void> {
    if (this.#left > 0) return;
    await this.#target.enqueue(stock);
    this.#left = stock;
  }

  async claim(): Promise<void> {
    const [claim] = valueOf(await this.#target.claim(1), "claim");
    this.#claim = claim;
    this.#left--;
  }

  async start(): Promise<void> {
    valueOf(await this.#target.start(1, this.#held()), "start");
  }

  async complete(): Promise<void> {
    const claimed = { bot: 1, claim: this.#held() };
    valueOf(await this.#target.settle(claimed, { kind: "complete", result: 0 }), "complete");
  }

  async finish(): Promise<void> {
    await this.start();
    await this.complete();
  }

  #held(): Claim {
    if (this.#claim === undefined) throw new Error("the bot holds no claim");
    return this.#claim;
  }
}

function valueOf<T>(outcome: Outcome<T>, what: string): T {
  if (outcome.kind === "ok") return outcome.value;
  const why = outcome.kind === "empty" ? "found nothing" : `${outcome.kind}: ${outcome.message}`;
  throw new Error(`${what} ${why}`);
}
