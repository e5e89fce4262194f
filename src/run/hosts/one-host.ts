import type { AtStake, BotHost } from "../../bots/bot-hosts.ts";
import { BotStates } from "./bot-states.ts";
import { HostProcess } from "./host-process.ts";
import type { HostCommand, HostNote, HostReport, HostSpec } from "./host-message.ts";
import type { MergedRecord, MergedSource } from "./merged-record.ts";
import type { Observation } from "../../history/recorder.ts";

export interface OneHostOptions {
  /** 1, 2, 3 … */
  readonly place: number;
  readonly spec: Omit<HostSpec, "isSuccessor">;
  readonly merged: MergedRecord;
  /** Told of each event as soon as it is known, before those of other processes are in order with it. */
  readonly onEvent: (event: Observation) => void;
  readonly onNote: (host: OneHost, note: HostNote) => void;
  /** It was killed, stopped, let go on, started again, or has ended by itself. `isNew`: another process runs from now on. */
  readonly onChange: (host: OneHost, isNew: boolean) => void;
}

type State = "new" | "running" | "stopped" | "dead";

/** A place for bots: one process after the other, each with the same bots. */
export class OneHost implements BotHost, AsyncDisposable {
  readonly place: number;
  readonly bots: readonly number[];
  readonly #options: OneHostOptions;
  #process: HostProcess | undefined;
  #state: State = "new";
  #states = new BotStates();
  #starting: Promise<void> | undefined;
  #isClosing = false;
  #failure: Error | undefined;
  /** Of processes that are gone, and of the one that runs. */
  #costBefore: HostReport["cost"] = { statements: 0, roundTrips: 0 };
  #costNow: HostReport["cost"] = { statements: 0, roundTrips: 0 };

  constructor(options: OneHostOptions) {
    this.#options = options;
    this.place = options.place;
    this.bots = options.spec.bots;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#state === "running";
  }

  /** Why its process has ended though nobody wanted it to. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  get cost(): HostReport["cost"] {
    return {
      statements: this.#costBefore.statements + this.#costNow.statements,
      roundTrips: this.#costBefore.roundTrips + this.#costNow.roundTrips,
    };
  }

  atStake(): AtStake {
    return this.#states.atStake();
  }

  send(command: HostCommand): void {
    this.#process?.send(command);
  }

  async start(): Promise<void> {
    if (this.#state === "running" || this.#state === "stopped") return;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    await this.#starting;
  }

  async kill(): Promise<void> {
    if (this.#state === "dead") return;
    this.#change("dead");
    await this.#process?.kill();
  }

  async restart(): Promise<void> {
    await this.start();
  }

  async stop(): Promise<void> {
    if (this.#state !== "running") return;
    this.#change("stopped");
    await this.#process?.stop();
  }

  async continue(): Promise<void> {
    if (this.#state !== "stopped") return;
    this.#process?.continue();
    this.#change("running");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#starting?.catch(() => undefined);
    await this.#process?.[Symbol.asyncDispose]();
  }

  async #start(): Promise<void> {
    const isSuccessor = this.#state === "dead";
    // A new process has nothing under way: what its predecessor had is unknown.
    this.#states = new BotStates();
    const source = this.#options.merged.open();
    const onReport = (report: HostReport): void => this.#take(report, source);
    try {
      const spec = { ...this.#options.spec, isSuccessor };
      const started = await HostProcess.start({ spec, onReport });
      this.#process = started;
      void started.ended.then(() => this.#noticeEnd(started, source));
    } catch (error) {
      source.end();
      throw error;
    }
    this.#change("running", true);
  }

  #take({ t, events = [], notes = [], cost }: HostReport, source: MergedSource): void {
    this.#costNow = cost;
    for (const event of events) {
      this.#states.observe(event);
      this.#options.onEvent(event);
    }
    source.tell(events, t);
    for (const note of notes) this.#options.onNote(this, note);
  }

  #noticeEnd(ended: HostProcess, source: MergedSource): void {
    source.end();
    this.#costBefore = this.cost;
    this.#costNow = { statements: 0, roundTrips: 0 };
    if (this.#isClosing || this.#state === "dead") return;
    this.#failure = ended.failure;
    this.#change("dead");
  }

  #change(state: State, isNew = false): void {
    this.#state = state;
    this.#options.onChange(this, isNew);
  }
}
