import { Disposal } from "../base/disposal.ts";
import { seededRandom } from "../base/random.ts";
import { sleep, waitUntil } from "../base/timer.ts";
import { Bot } from "../bots/bot.ts";
import type { Record as RecordEvent } from "../bots/bot.ts";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import type { ConnectionOptions, StatementCounter } from "../service/bot-connection.ts";
import type { ControlDatabase } from "../service/control-database.ts";
import { Door } from "./door.ts";
import { GatedConnection } from "./gated-connection.ts";
import { Crasher } from "./crash/crasher.ts";
import type { Crash, WireMessage } from "./crash/crash.ts";
import type { Crashes } from "./play.ts";
import { carryOutAll } from "./programs.ts";
import type { Program } from "./programs.ts";
import type { Recording } from "./recording.ts";
import type { Service, ServiceOptions } from "./service.ts";
import type { StatementEffects } from "./statement-effects.ts";
import { Stillness } from "./stillness.ts";
import { WaitWatch } from "./waits.ts";

export interface CastOptions {
  readonly address: PostgresAddress;
  readonly control: ControlDatabase;
  readonly openService: (options: ServiceOptions) => Service;
  readonly effects: StatementEffects;
  readonly program: Program;
  readonly bots: number;
  readonly fusesFreeSteps: boolean;
  /** A step that neither ends nor waits for another bot in that time is given up. */
  readonly stepMs: number;
  /** Bots may crash; afterwards leases run out, a rescue takes what is left, and one more bot carries it out. */
  readonly crashes?: Crashes | undefined;
}

/** Who plays along at a door. */
type Role = "bot" | "rescuer" | "successor";

/** In which order they are let go on, where bots may crash. */
const ranks: Readonly<Record<Role, number>> = { bot: 0, rescuer: 1, successor: 2 };
/** A server that crashes takes the rescuer's connection along, once. */
const mostRescues = 3;

/** Programs that are called off at their doors end at once: only those in the database have to be cancelled. */
const graceMs = 1;

/** The bots of an exploration with their connections and doors: the same in every schedule. */
export class Cast implements AsyncDisposable {
  readonly doors: readonly Door[];
  readonly #options: CastOptions;
  readonly #service: Service;
  readonly #connections: GatedConnection[] = [];
  readonly #watch: WaitWatch;
  readonly #stillness: Stillness;
  readonly #crasher: Crasher | undefined;
  readonly #roles: readonly Role[];
  #recording: Recording | undefined;
  #calling = new AbortController();
  #programs: Promise<unknown> = Promise.resolve();
  #failure: unknown;
  #haveLeasesEnded = false;

  private constructor(options: CastOptions, watch: WaitWatch, crasher: Crasher | undefined) {
    const { stepMs } = options;
    this.#options = options;
    this.#watch = watch;
    this.#crasher = crasher;
    this.#roles = rolesOf(options);
    this.doors = this.#roles.map((_, at) => new Door(at + 1, () => this.#stillness.note()));
    this.#stillness = new Stillness({
      ...options,
      doors: this.doors,
      connections: this.#connections,
      watch,
      carryOn: crasher && (() => crasher.carryOn()),
    });
    this.#service = options.openService({
      bots: this.#roles.filter((role) => role !== "rescuer").length,
      statementMs: stepMs * 2,
      makeConnection: (slot, connection, counter) => this.#gated(slot, connection, counter),
    });
    if (this.#roles.at(-1) === "rescuer") this.#addRescuer(this.#roles.length);
  }

  static async open(options: CastOptions): Promise<Cast> {
    const { address, control } = options;
    await using owned = new Disposal();
    const watch = owned.use(await WaitWatch.open(address, `doubletake-waits-${control.schema}`));
    const { crashes } = options;
    const crasher = crashes && owned.use(await Crasher.open({ ...options, ...crashes }, watch));
    const cast = owned.use(new Cast(options, watch, crasher));
    await cast.#each((connection) => connection.open());
    owned.move();
    return cast;
  }

  /** Bots whose statement waits for another's lock, as of the last time that all was still. */
  get blocked(): ReadonlySet<number> {
    return this.#stillness.blocked;
  }

  /** Whether the crash that was asked for has happened. */
  get hasCrashed(): boolean {
    return this.#crasher?.hasHappened ?? false;
  }

  /**
   * Those whose turn it is: first the bots, in whatever order the scheduler lets them; where there are crashes, then the
   * rescuer, for whom leases run out, and last the successor, who carries out what is left.
   */
  async turn(): Promise<ReadonlySet<number>> {
    const left = this.doors.filter(({ at }) => at !== "finished");
    if (this.#options.crashes === undefined) return new Set(left.map(({ bot }) => bot));
    const rankOf = ({ bot }: Door): number => ranks[this.#roles[bot - 1] as Role];
    const rank = Math.min(...left.map(rankOf));
    // The rescuer of a module may have nothing to do, and be gone already.
    if (left.length > 0 && rank !== ranks.bot && !this.#haveLeasesEnded) {
      this.#haveLeasesEnded = true;
      await this.#service.endLeases();
    }
    return new Set(left.filter((door) => rankOf(door) === rank).map(({ bot }) => bot));
  }

  /** The next statement of this bot is the one at which the crash happens. */
  async prepareCrash(bot: number, crash: Crash): Promise<void> {
    await this.#crasher?.prepare(crash, this.#connectionOf(bot));
  }

  /** The messages of the bot's next statement are taken down; those who cannot crash have no link to listen on. */
  listen(bot: number): void {
    if (this.#roles[bot - 1] === "bot") this.#crasher?.links.listen(bot);
  }

  heard(): readonly WireMessage[] {
    return this.#crasher?.links.heard() ?? [];
  }

  /** Every bot begins its program, and stops at its door. */
  async begin(recording: Recording): Promise<void> {
    this.#recording = recording;
    this.#calling = new AbortController();
    this.#stillness.reset();
    this.#crasher?.reset();
    this.#haveLeasesEnded = false;
    await this.#each((connection) => connection.forget());
    this.#programs = Promise.all(this.doors.map((door) => this.#perform(door, recording)));
  }

  /**
   * Waits until every bot stands at its door, has ended, or waits for another's lock. False: one of them does something
   * else, and did not come to an end in time. Throws what a program failed with that was not called off. `waiting`: who
   * waited in the end when the same was done before.
   */
  async settle(waiting?: ReadonlySet<number>): Promise<boolean> {
    const isStill = await this.#stillness.come(waiting);
    const failure = this.#failure ?? this.#service.fault;
    if (failure !== undefined) throw failure;
    return isStill;
  }

  /** Ends every program, whatever it is doing, and leaves the connections with nothing open. */
  async callOff(): Promise<void> {
    this.#calling.abort();
    for (const door of this.doors) door.close();
    let hasEnded = false;
    const programs = this.#programs.finally(() => (hasEnded = true)).catch(() => undefined);
    await Promise.race([programs, sleep(graceMs)]);
    const ended = async (): Promise<boolean> => {
      if (!hasEnded) await this.#cancelBusy();
      return hasEnded;
    };
    if (await waitUntil(ended, { ms: this.#options.stepMs, everyMs: 1 })) {
      await this.#each((connection) => connection.makeSureNothingIsOpen());
      return;
    }
    for (const connection of this.#connections) connection.abandon();
    this.#service.abandon();
    await programs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stillness[Symbol.dispose]();
    for (const connection of this.#connections) await connection.close();
    await this.#crasher?.[Symbol.asyncDispose]();
    await this.#watch[Symbol.asyncDispose]();
  }

  async #perform(door: Door, recording: Recording): Promise<void> {
    door.reset();
    const record = recording.recorderOf(door.bot);
    try {
      const connection = this.#connectionOf(door.bot);
      await this.#service.play({ connection, recording }, () => this.#playRole(door.bot, record));
    } catch (error) {
      // What was called off may well fail.
      if (!door.isClosed) this.#failure ??= error;
    }
    door.finish();
  }

  async #playRole(id: number, record: RecordEvent): Promise<void> {
    const { program } = this.#options;
    switch (this.#roles[id - 1] as Role) {
      case "bot":
        return await this.#play(id, record, program);
      case "successor":
        return await this.#play(id, record, carryOutAll);
      case "rescuer":
        return await this.#rescue(record);
    }
  }

  async #play(id: number, record: RecordEvent, program: Program): Promise<void> {
    const { bots } = this.#options;
    const random = seededRandom(id, "explore");
    const bot = new Bot({ id, target: this.#service.target, record, workMs: 0, random });
    const connection = this.#connectionOf(id);
    const { signal } = this.#calling;
    await program.run({ bot, connection, record, attempts: bots + 1, signal });
  }

  /** A rescuer whose connection was lost, as in a crash of the server, comes back. */
  async #rescue(record: RecordEvent): Promise<void> {
    for (let attempt = 0; attempt < mostRescues; attempt++) {
      const rescuer = this.#connections.at(-1) as GatedConnection;
      if (!rescuer.isOpen) await rescuer.open();
      if (await this.#rescueOnce(record)) return;
    }
  }

  /** False: it failed, or may have. */
  async #rescueOnce(record: RecordEvent): Promise<boolean> {
    record({ op: "rescue", type: "invoke" });
    const outcome = await this.#service.rescue(this.#connections.at(-1) as GatedConnection);
    const code = "code" in outcome ? { code: outcome.code } : {};
    const detail = outcome.kind === "ok" ? { detail: { jobs: outcome.value } } : {};
    record({ op: "rescue", type: outcome.kind, ...code, ...detail });
    return outcome.kind === "ok" || outcome.kind === "empty";
  }

  /** All at once: they have nothing to do with each other. */
  async #each(act: (connection: GatedConnection) => Promise<void>): Promise<void> {
    await Promise.all(this.#connections.map(act));
  }

  #connectionOf(id: number): GatedConnection {
    return this.#connections[id - 1] as GatedConnection;
  }

  #gated(slot: number, options: ConnectionOptions, counter: StatementCounter): GatedConnection {
    const door = this.doors[slot - 1] as Door;
    const { crashes } = this.#options;
    const onCommit = (label: string): void => this.#recording?.noteCommit(label);
    const isBot = this.#roles[slot - 1] === "bot";
    const gate = {
      ...this.#options,
      door,
      onCommit,
      sendsBeginAhead: crashes === undefined,
      isDurable: crashes?.server !== undefined,
      opensAnew: isBot && crashes?.opensAnew === true,
    };
    const address = (isBot && this.#crasher?.links.addressOf(slot)) || options.address;
    const made = new GatedConnection({ ...options, address }, counter, gate);
    this.#connections.push(made);
    return made;
  }

  #addRescuer(slot: number): void {
    const { address, control, stepMs } = this.#options;
    const { schema } = control;
    const name = `doubletake-rescuer-${schema}`;
    const options = { address, schema, name, statementMs: stepMs * 2, onEvent: () => undefined };
    this.#gated(slot, options, { statements: 0, roundTrips: 0 });
  }

  async #cancelBusy(): Promise<void> {
    for (const { bot, pid } of this.#connections) {
      if (this.doors[bot - 1]?.at === "busy") await this.#watch.cancel(pid);
    }
  }
}

/** The rescuer comes last: bots have the numbers of their rows, and the rescuer has none. */
function rolesOf({ bots, program, crashes }: CastOptions): readonly Role[] {
  const all = Array.from({ length: bots }, (): Role => "bot");
  if (crashes !== undefined) return [...all, "successor", "rescuer"];
  return program.hasRescue ? [...all, "rescuer"] : all;
}
