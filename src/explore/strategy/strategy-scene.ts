import { readFileSync } from "node:fs";
import { checkStrategy } from "../../service/check-strategy.ts";
import { lifecycleNames, lifecycleSql } from "../../service/lifecycle-file.ts";
import { Lifecycle } from "../../service/lifecycle.ts";
import { bindNames } from "../../service/named-parameters.ts";
import type { Strategy } from "../../service/strategy.ts";
import { enqueue, freshTables, registerBots, settleTables } from "../../service/tables.ts";
import { areBotsAlike } from "../alike.ts";
import { judgeCrash } from "../crash/judge-crash.ts";
import { judgeSchedule } from "../judge-schedule.ts";
import { leaseMsOf } from "../play.ts";
import { programs } from "../programs.ts";
import type { Program } from "../programs.ts";
import type { Scene, SceneOptions } from "../scene.ts";
import { referenceTables } from "../stage.ts";
import { StrategyService } from "./strategy-service.ts";

/** The reference tables with bots and jobs. HarnessError (usage) with `file:line` where the strategy does not fit them. */
export async function openStrategyScene(
  strategy: Strategy,
  { play, control, address }: SceneOptions,
): Promise<Scene> {
  const lifecycle = new Lifecycle();
  await freshTables(control, { constraints: play.constraints, strategy });
  await registerBots(control, lifecycle, play.bots + (play.crashes === undefined ? 0 : 1));
  await checkStrategy(control, strategy);
  const { jobs } = await enqueue(control, lifecycle, play.jobs);
  await settleTables(control);
  const leaseMs = leaseMsOf(play);
  return {
    // A strategy that was read from a record has no file.
    get source() {
      return { sql: readFileSync(strategy.file, "utf8") };
    },
    jobs,
    tables: referenceTables,
    areAlike: play.program.isOneForAll === true && (await areBotsAlike(control, strategy)),
    statements: statementsOf(strategy, play.program),
    strayed: [],
    openService: (options) =>
      new StrategyService({ ...options, strategy, control, address, leaseMs }),
    watched: (scheduler) => scheduler,
    judge: play.crashes === undefined ? judgeSchedule : judgeCrash,
    async [Symbol.asyncDispose]() {
      // The tables are the next one's to make anew.
    },
  };
}

/** They send nothing but the strategy's steps. */
const claimOnly: ReadonlySet<Program> = new Set([programs.claim, programs.attempt]);

/** All that a bot of this strategy is likely to send. */
function statementsOf({ steps, lifecycle = [] }: Strategy, program: Program): readonly string[] {
  const own = steps.map((step) => step.bound.text);
  if (claimOnly.has(program)) return own;
  const usual = lifecycleNames.map(lifecycleSql);
  const replaced = lifecycle.flatMap((variant) => variant.steps);
  return [...own, ...[...usual, ...replaced].map((sql) => bindNames(sql).text)];
}
