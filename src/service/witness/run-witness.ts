import type { Clock } from "../../base/clock.ts";
import { HarnessError } from "../../base/harness-error.ts";
import type { PostgresCapability } from "../../environment/postgres/postgres-server.ts";
import type { Witness } from "../../history/witness.ts";
import type { ToldChange } from "../../history/witness-recorder.ts";
import { WitnessRecorder } from "../../history/witness-recorder.ts";
import type { WitnessMode } from "../../scenario/scenario.ts";
import type { ControlDatabase } from "../control-database.ts";
import { Audit } from "./audit.ts";
import { endBotBackends } from "./bot-backends.ts";
import type { ChangeListener, ChangeSource } from "./change-source.ts";
import { Decoding } from "./decoding.ts";
import { readClocks, serverTime } from "./server-clock.ts";
import type { ClockReading, ServerTime } from "./server-clock.ts";

export interface RunWitnessOptions {
  /** `auto`: decoding where the server can, else audit. */
  readonly mode: WitnessMode;
  readonly control: ControlDatabase;
  readonly capabilities: ReadonlySet<PostgresCapability>;
  /** The history's. */
  readonly clock: Clock;
  /** `witness.ndjson`: created, or emptied. */
  readonly file: string;
}

/**
 * Makes the database bear witness for a run; null where the scenario does without. HarnessError (environment) where
 * the scenario insists on decoding and the server cannot, and where the file cannot be written.
 */
export async function openRunWitness(options: RunWitnessOptions): Promise<RunWitness | null> {
  if (options.mode === "off") return null;
  const { source, warnings } = await openSource(options);
  try {
    const recorder = await WitnessRecorder.create(options.file, source.source);
    return new RunWitness({ ...options, source, recorder, warnings });
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

interface Opened {
  readonly source: ChangeSource;
  readonly warnings: readonly string[];
}

async function openSource({ mode, control, capabilities }: RunWitnessOptions): Promise<Opened> {
  const audit = (...warnings: string[]): Opened => ({ source: new Audit(control), warnings });
  if (mode === "audit") return audit();
  if (!capabilities.has("decode-wal")) {
    if (mode === "decoding") throw cannotDecode();
    return audit();
  }
  try {
    return { source: await Decoding.open(control), warnings: [] };
  } catch (error) {
    if (mode === "decoding" || !(error instanceof HarnessError)) throw error;
    return audit(`the witness is an audit trigger, which slows claims: ${error.what}`);
  }
}

function cannotDecode(): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: "the server's write-ahead log cannot be decoded",
    hint: "it takes wal_level = logical, a free replication slot and the right to make one; or environment.witness: auto",
  });
}

interface Parts extends RunWitnessOptions, Opened {
  readonly recorder: WitnessRecorder;
}

/** What the database records of a run, round by round. A database that fails to tell makes a round not whole, no more. */
export class RunWitness implements AsyncDisposable {
  readonly #control: ControlDatabase;
  readonly #clock: Clock;
  readonly #source: ChangeSource;
  readonly #recorder: WitnessRecorder;
  readonly #warnings: readonly string[];
  #current: Round | undefined;

  constructor({ control, clock, source, recorder, warnings }: Parts) {
    this.#control = control;
    this.#clock = clock;
    this.#source = source;
    this.#recorder = recorder;
    this.#warnings = warnings;
  }

  /** What was recorded so far. */
  get witness(): Witness {
    const { witness } = this.#recorder;
    return { ...witness, warnings: [...this.#warnings, ...witness.warnings] };
  }

  /** The round's tables are there and empty, and no bot has moved. Never throws for what the database does. */
  async beginRound(round: number): Promise<void> {
    this.#recorder.beginRound(round);
    try {
      await this.#source.beginRound(round);
      this.#current = { round, begin: await readClocks(this.#control, this.#clock) };
    } catch (error) {
      this.#current = { round, problem: (error as Error).message };
    }
  }

  /**
   * The bots have closed their connections: takes down all that was committed since `beginRound`. Does nothing when
   * the round was not begun. HarnessError (environment) only when the file cannot be written.
   */
  async endRound(): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    const uncertaintyNs = "begin" in current ? current.begin.uncertaintyNs : null;
    const told = "begin" in current ? await this.#tell(current.round, current.begin) : current;
    if ("problem" in told) {
      const { problem } = told;
      await this.#recorder.endRound({ isWhole: false, uncertaintyNs, problem });
    } else {
      await this.#recorder.endRound({ isWhole: true, uncertaintyNs: told.uncertaintyNs });
    }
  }

  /** Drops what was made on the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#recorder[Symbol.asyncDispose]();
    } finally {
      await this.#source[Symbol.asyncDispose]();
    }
  }

  async #tell(
    round: number,
    begin: ClockReading,
  ): Promise<{ readonly uncertaintyNs: number } | { readonly problem: string }> {
    const recorder = this.#recorder;
    try {
      const areGone = await endBotBackends(this.#control);
      const time = serverTime(begin, await readClocks(this.#control, this.#clock));
      const listener: ChangeListener = {
        change: (change) => recorder.push(onRunClock(change, time)),
        commit: (atUs) => recorder.commit(time.toRunNs(atUs)),
        pageTold: () => recorder.write(),
      };
      await this.#source.tell(round, listener);
      if (!areGone) return { problem: "a bot's backend did not end, and may still commit" };
      return { uncertaintyNs: time.uncertaintyNs };
    } catch (error) {
      if (error instanceof HarnessError) throw error;
      return { problem: (error as Error).message };
    }
  }
}

function onRunClock(change: ToldChange, time: ServerTime): ToldChange {
  if (change.of !== "job") return change;
  const { leaseUntil, dueAt, ...job } = change;
  return {
    ...job,
    ...(leaseUntil === undefined ? {} : { leaseUntil: time.toRunNs(leaseUntil) }),
    ...(dueAt === undefined ? {} : { dueAt: time.toRunNs(dueAt) }),
  };
}

/** Between its begin and its end; with a problem where it could not be begun. */
type Round =
  | { readonly round: number; readonly begin: ClockReading }
  | { readonly round: number; readonly problem: string };
