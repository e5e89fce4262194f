import type { InspectDetail } from "./event.ts";
import type { Plan } from "../plan/plan.ts";

/** The first line of `history.ndjson`: all that is needed to judge it without the scenario and the database. */
export interface HistoryHeader {
  readonly format: "doubletake-history";
  readonly version: 1;
  /** ISO 8601; the calendar time of `t` = 0. */
  readonly startedAt: string;
  readonly doubletake: string;
  readonly plan: Plan;
  /**
   * What the tables are asked at the end of each round. A run of ours without this list was recorded before it was
   * written down, and could not ask what `firstQuestions` does not name.
   */
  readonly questions?: readonly Question[] | undefined;
  /** The command that does the run again; absent where another system wrote the history. */
  readonly replay?: string | undefined;
  readonly environment: EnvironmentFacts;
  /** Summary line of each strategy, by name. */
  readonly strategies: Readonly<Record<string, string>>;
  /** How each strategy claims, by name; absent in histories of other systems and of older versions. */
  readonly claimSql?: Readonly<Record<string, ClaimSqlText>> | undefined;
  /**
   * The file came without the header of a doubletake run, and the reader made this one: another system wrote it. Such
   * a system need not look into its tables, so what it left out is not judged; where doubletake left it out, the run
   * was cut short, and that is inconclusive.
   */
  readonly foreign?: true;
}

export type Question = InspectDetail["what"];

export const questions: readonly Question[] = [
  "agreement",
  "verification",
  "constraints",
  "locks",
  "final",
];

/** Those of runs whose header does not name them. */
export const firstQuestions: readonly Question[] = questions.filter((each) => each !== "locks");

/** The SQL of a claim, step by step; `transaction` is `none` where every step commits on its own. */
export interface ClaimSqlText {
  readonly transaction: string;
  readonly steps: readonly { readonly name: string; readonly sql: string }[];
}

/** What the run ran on; the shape of `environment` in result.json. */
export interface EnvironmentFacts {
  readonly postgres: string;
  readonly toxiproxy: string;
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
}
