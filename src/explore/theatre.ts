import { Disposal } from "../base/disposal.ts";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import type { JobRange } from "../history/event.ts";
import { checkStrategy } from "../service/check-strategy.ts";
import type { ControlDatabase } from "../service/control-database.ts";
import { lifecycleNames, lifecycleSql } from "../service/lifecycle-file.ts";
import { Lifecycle } from "../service/lifecycle.ts";
import { bindNames } from "../service/named-parameters.ts";
import type { Strategy } from "../service/strategy.ts";
import { enqueue, freshTables, registerBots, settleTables } from "../service/tables.ts";
import { areBotsAlike } from "./alike.ts";
import { Cast } from "./cast.ts";
import type { Crashes } from "./cast.ts";
import { judgeCrash } from "./crash/judge-crash.ts";
import { judgeSchedule } from "./judge-schedule.ts";
import type { Judged } from "./judge-schedule.ts";
import { programs } from "./programs.ts";
import type { Program } from "./programs.ts";
import { runSchedule } from "./schedule.ts";
import type { Schedule, Scheduler } from "./schedule.ts";
import { Stage } from "./stage.ts";
import { StatementEffects } from "./statement-effects.ts";

/** What is played: one strategy and one program, for so many bots and jobs. */
export interface Play {
  readonly strategy: Strategy;
  readonly program: Program;
  readonly bots: number;
  readonly jobs: number;
  /** With `sql/constraints.sql`, which may refuse what a strategy does wrong. */
  readonly constraints: boolean;
  /** Bots may crash. */
  readonly crashes?: Crashes | undefined;
}

export interface TheatreOptions {
  readonly play: Play;
  readonly address: PostgresAddress;
  /** Of the schema that holds the tables; they are made anew. */
  readonly control: ControlDatabase;
  /** False: BEGIN, and a COMMIT after nothing, are steps like all others. */
  readonly fusesFreeSteps: boolean;
  readonly stepMs: number;
}

export interface Performance {
  readonly schedule: Schedule;
  readonly judged: Judged;
}

/** Tables and bots, on which one schedule after the other is carried out and judged. */
export class Theatre implements AsyncDisposable {
  /** Bots may stand for each other. */
  readonly areAlike: boolean;
  readonly #jobs: readonly JobRange[];
  readonly #stage: Stage;
  readonly #cast: Cast;
  readonly #judge: (schedule: Schedule) => Judged;

  private constructor(parts: {
    readonly jobs: readonly JobRange[];
    readonly stage: Stage;
    readonly cast: Cast;
    readonly areAlike: boolean;
    readonly judge: (schedule: Schedule) => Judged;
  }) {
    this.#jobs = parts.jobs;
    this.#stage = parts.stage;
    this.#cast = parts.cast;
    this.areAlike = parts.areAlike;
    this.#judge = parts.judge;
  }

  /** HarnessError (usage) with `file:line` where the strategy does not fit the tables. */
  static async open(options: TheatreOptions): Promise<Theatre> {
    const { play, control, address } = options;
    const { strategy, bots } = play;
    const lifecycle = new Lifecycle();
    await freshTables(control, { constraints: play.constraints, strategy });
    await registerBots(control, lifecycle, bots + (play.crashes === undefined ? 0 : 1));
    await checkStrategy(control, strategy);
    const { jobs } = await enqueue(control, lifecycle, play.jobs);
    await settleTables(control);
    const areAlike = play.program.isOneForAll === true && (await areBotsAlike(control, strategy));
    await using owned = new Disposal();
    const stage = owned.use(await Stage.open(address, control));
    const effects = await StatementEffects.open(control);
    await effects.prepare(statementsOf(play));
    const cast = owned.use(await Cast.open({ ...options, ...play, effects }));
    owned.move();
    const judge = play.crashes === undefined ? judgeSchedule : judgeCrash;
    return new Theatre({ jobs, stage, cast, areAlike, judge });
  }

  /** One schedule from the beginning to the end, and what it broke. */
  async perform(scheduler: Scheduler): Promise<Performance> {
    const parts = { stage: this.#stage, cast: this.#cast, jobs: this.#jobs };
    const schedule = await runSchedule(parts, scheduler);
    if (!schedule.hasCrashed) this.#stage.resetAhead();
    return { schedule, judged: this.#judge(schedule) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cast[Symbol.asyncDispose]();
    await this.#stage[Symbol.asyncDispose]();
  }
}

/** They send nothing but the strategy's steps. */
const claimOnly: ReadonlySet<Program> = new Set([programs.claim, programs.attempt]);

/** All that a bot is likely to send. */
function statementsOf({ strategy, program }: Play): readonly string[] {
  const steps = strategy.steps.map((step) => step.bound.text);
  if (claimOnly.has(program)) return steps;
  const usual = lifecycleNames.map(lifecycleSql);
  const replaced = (strategy.lifecycle ?? []).flatMap((variant) => variant.steps);
  return [...steps, ...[...usual, ...replaced].map((sql) => bindNames(sql).text)];
}
