import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import type { JobRange } from "../history/event.ts";
import type { ControlDatabase } from "../service/control-database.ts";
import type { Judged } from "./judge-schedule.ts";
import type { Play } from "./play.ts";
import type { Schedule, Scheduler } from "./schedule.ts";
import type { Service, ServiceOptions } from "./service.ts";
import type { StageTables } from "./stage.ts";

export interface SceneOptions {
  readonly play: Play;
  readonly address: PostgresAddress;
  /** Of the schema that holds the tables; they are made anew. */
  readonly control: ControlDatabase;
}

/** The tables as they stand before the first schedule, and whoever gives the bots their jobs. */
export interface Scene extends AsyncDisposable {
  readonly source: Source;
  readonly jobs: readonly JobRange[];
  readonly tables: StageTables;
  /** Bots may stand for each other. */
  readonly areAlike: boolean;
  /** What bots are likely to send. */
  readonly statements: readonly string[];
  /** Of each kind of deed that was neither the scheduler's choice nor the server's, one, in words. */
  readonly strayed: readonly string[];
  openService(options: ServiceOptions): Service;
  /** Looks over the scheduler's shoulder. */
  watched(scheduler: Scheduler): Scheduler;
  judge(schedule: Schedule): Judged;
}

/** What was explored, for whoever wants to carry it out again. */
export interface Source {
  /** The text of a strategy's file; of a module, what its set-up sent. */
  readonly sql: string;
  readonly module?: ModuleSource;
}

export interface ModuleSource {
  /** Of the file, to tell whether it was changed since. */
  readonly text: string;
  /** False: its set-up also spoke by connections of its own, and nobody listened. */
  readonly isSetUpWhole: boolean;
}
