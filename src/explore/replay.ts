import { HarnessError } from "../base/harness-error.ts";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import type { ControlDatabase } from "../service/control-database.ts";
import type { Counterexample } from "./counterexample/counterexample.ts";
import { counterexampleOf } from "./counterexample/counterexample.ts";
import type { Crash } from "./crash/crash.ts";
import type { CrashableServer } from "./crash/crash-exploration.ts";
import { programs, recoveringProgram } from "./programs.ts";
import type { Play } from "./play.ts";
import { claimerOf } from "./counterexample/recorded-claimer.ts";
import type { Happened, Point, Scheduler } from "./schedule.ts";
import { Theatre } from "./theatre.ts";
import type { TheatreOptions } from "./theatre.ts";

/** Where a replay left the recorded schedule. */
export interface Divergence {
  /** From 1. */
  readonly step: number;
  readonly expected: string;
  readonly happened: string;
}

export interface Replay {
  /** What was carried out, in the form of what was recorded. */
  readonly again: Counterexample;
  /** Null: the same happened as was recorded, step by step. */
  readonly divergence: Divergence | null;
  readonly tries: number;
}

export interface ReplayContext {
  readonly address: PostgresAddress;
  readonly control: ControlDatabase;
  readonly stepMs: number;
  /** For a schedule in which the server crashes. */
  readonly server?: CrashableServer | undefined;
}

/** The server may decide by chance which of two waiting bots goes first, so another try may go the recorded way. */
const mostTries = 4;

/** Carries a recorded schedule out again, step by step, on tables as new. */
export async function replay(recorded: Counterexample, context: ReplayContext): Promise<Replay> {
  const strategy = claimerOf(recorded);
  const { program, bots, jobs, constraints } = recorded;
  const { most, fusesFreeSteps, ...played } = playedIn(recorded, context.server);
  const play = { strategy, bots, jobs, constraints, ...played };
  const theatre = await Theatre.open({ ...context, play, fusesFreeSteps });
  try {
    for (let tries = 1; ; tries++) {
      const script = new Script(recorded);
      const performance = await theatre.perform(script);
      const { reference, sql } = recorded.strategy;
      const source = recorded.module === undefined ? { sql } : theatre.source;
      const facts = { reference, source, program, bots, jobs, constraints };
      const again = counterexampleOf(facts, recorded.property, performance);
      const { divergence } = script;
      if (divergence === null || tries === most) return { again, divergence, tries };
    }
  } finally {
    await theatre[Symbol.asyncDispose]();
  }
}

/** As it was played when it was recorded. HarnessError (usage) where the server would have to crash, and must not. */
function playedIn(
  { program, bots, steps }: Counterexample,
  server: CrashableServer | undefined,
): Pick<Play, "program" | "crashes"> & Pick<TheatreOptions, "fusesFreeSteps"> & { most: number } {
  const crash = steps.find((step) => step.crash !== undefined)?.crash;
  if (crash === undefined) {
    // A schedule in which BEGIN is a step of its own was recorded without fusing.
    const fusesFreeSteps = !steps.some(({ sql }) => /^\s*(begin|start)\b/i.test(sql));
    return { program: programs[program], fusesFreeSteps, most: mostTries };
  }
  const isServers = crash.kind === "server crash";
  if (isServers && server === undefined) {
    const what = "the server crashes in this schedule, and it is not ours alone";
    throw new HarnessError({ kind: "usage", what, hint: "use --postgres embedded" });
  }
  return {
    program: recoveringProgram(program, bots),
    crashes: { server: isServers ? server : undefined, opensAnew: "message" in crash },
    fusesFreeSteps: bots > 1,
    most: isServers ? 1 : mostTries,
  };
}

/** Lets the bots go on in the recorded order, and sees where something else happens than was recorded. */
class Script implements Scheduler {
  readonly #recorded: Counterexample;
  #next = 0;
  #divergence: Divergence | null = null;

  constructor(recorded: Counterexample) {
    this.#recorded = recorded;
  }

  /** Of the first step that differs. A schedule that ends too early differs in the step that it lacks. */
  get divergence(): Divergence | null {
    const { steps } = this.#recorded;
    if (this.#divergence !== null || this.#next >= steps.length) return this.#divergence;
    return this.#differs(this.#next, "the bots had ended");
  }

  pick({ enabled }: Point): number | null {
    const step = this.#recorded.steps[this.#next];
    if (step === undefined) {
      this.#divergence ??= { step: this.#next + 1, expected: "the end", happened: "more steps" };
      // What is left is carried out in the order of the bots, to see what comes of it.
      return enabled[0]?.bot ?? null;
    }
    const next = enabled.find(({ bot }) => bot === step.bot);
    if (next === undefined) {
      this.#divergence ??= this.#differs(this.#next, `bot ${step.bot} could not go on`);
      return enabled[0]?.bot ?? null;
    }
    return next.bot;
  }

  took({ bot, observation }: Happened): void {
    const at = this.#next++;
    const step = this.#recorded.steps[at];
    if (step === undefined || this.#divergence !== null) return;
    if (step.bot !== bot || step.observation !== observation) {
      this.#divergence = this.#differs(at, observation);
    }
  }

  crashAt(bot: number): Crash | undefined {
    const step = this.#recorded.steps[this.#next];
    return step?.bot === bot ? step.crash : undefined;
  }

  #differs(at: number, happened: string): Divergence {
    const step = this.#recorded.steps[at];
    const expected = `bot ${step?.bot} ${step?.name}: ${step?.observation}`;
    return { step: at + 1, expected, happened };
  }
}
