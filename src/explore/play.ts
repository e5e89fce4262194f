import type { CrashablePostgres } from "../environment/postgres/embedded.ts";
import type { Claimer } from "./claimer.ts";
import type { Program } from "./programs.ts";

/** What is played: one strategy or module and one program, for so many bots and jobs. */
export interface Play {
  readonly strategy: Claimer;
  readonly program: Program;
  readonly bots: number;
  readonly jobs: number;
  /** With `sql/constraints.sql`, which may refuse what a strategy does wrong. */
  readonly constraints: boolean;
  /** Bots may crash. */
  readonly crashes?: Crashes | undefined;
}

export interface Crashes {
  /** May be crashed as well. */
  readonly server?: Pick<CrashablePostgres, "crash" | "restart"> | undefined;
  /** Bots have new connections in every schedule, so that a statement always takes the same messages. */
  readonly opensAnew?: boolean | undefined;
}

/** How long a claim is good for: nothing in a schedule depends on the time, so for ever, or it has run out at once. */
export function leaseMsOf({ program }: Pick<Play, "program">): number {
  return program.hasRescue ? 0 : everMs;
}

const everMs = 3_600_000;
