import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/timer.ts";
import type { BotHost, BotHosts } from "../../bots/bot-hosts.ts";
import type { Crew } from "../../bots/crew.ts";
import type { ClosedLoop } from "../../bots/load/closed-loop.ts";
import type { Observation } from "../../history/recorder.ts";
import type { PlannedRound } from "../../plan/plan.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import type { Environment } from "../environment.ts";
import type { HostNote, HostReport, HostTask } from "./host-message.ts";
import type { MergedRecord } from "./merged-record.ts";
import { OneHost } from "./one-host.ts";

export interface HostedCrewOptions {
  readonly scenario: Scenario;
  readonly planned: Pick<PlannedRound, "strategy" | "role" | "seed">;
  readonly environment: Pick<Environment, "botAddress" | "control">;
  readonly clock: Clock;
  readonly merged: MergedRecord;
  readonly onEvent: (event: Observation) => void;
}

/** Time for a command to reach all hosts before they act on it at the same moment. */
const releaseInNs = 3_000_000;
/** For a process to hear that it should end its task, and to say that it did, beyond what its bots wait for themselves. */
const graceMs = 10_000;
/** A bot that is told to end may still connect, see the backend before it end, and wait for one statement. */
const longestWaits = 3;

interface Task {
  readonly number: number;
  readonly order: HostTask;
  readonly loop: Partial<ClosedLoop>;
  refused: number;
  isStopped: boolean;
}

/**
 * Bots that live in processes of their own. The processes are there before the load and stay until the round is over,
 * unless a fault kills them. Whoever is dead or stopped takes no part: nobody waits for him, and when he comes back he
 * joins in what is under way.
 */
export class HostedCrew implements Crew, BotHosts, AsyncDisposable {
  readonly local = [];
  readonly #options: HostedCrewOptions;
  readonly #hosts: readonly OneHost[];
  /** The last task that each has done. */
  readonly #done = new Map<OneHost, number>();
  #task: Task | undefined;
  #tasks = 0;
  #waiting: (() => void)[] = [];

  constructor(options: HostedCrewOptions) {
    this.#options = options;
    this.#hosts = dealt(options.scenario).map((bots, index) => this.#makeHost(index + 1, bots));
  }

  /** Starts the processes. HarnessError (environment) where one cannot be started. */
  async start(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.start()));
  }

  get size(): number {
    return this.#present.reduce((sum, { bots }) => sum + bots.length, 0);
  }

  get running(): readonly BotHost[] {
    return this.#present;
  }

  /** Statements that the bots have sent so far. */
  cost(): HostReport["cost"] {
    const costs = this.#hosts.map(({ cost }) => cost);
    return {
      statements: costs.reduce((sum, { statements }) => sum + statements, 0),
      roundTrips: costs.reduce((sum, { roundTrips }) => sum + roundTrips, 0),
    };
  }

  async connect(signal: AbortSignal): Promise<number> {
    return await this.#carryOut({ do: "connect" }, { signal });
  }

  async takeTurns(loop: ClosedLoop): Promise<void> {
    const thinks = loop.drawThinkMs !== undefined;
    await this.#carryOut({ do: "take-turns", thinks }, loop);
  }

  async getReady(signal: AbortSignal): Promise<void> {
    await this.#carryOut({ do: "get-ready" }, { signal });
  }

  async claimOnce(signal: AbortSignal): Promise<void> {
    const atNs = this.#options.clock.now() + releaseInNs;
    await this.#carryOut({ do: "claim-once", atNs }, { signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host[Symbol.asyncDispose]()));
  }

  get #present(): readonly OneHost[] {
    return this.#hosts.filter(({ isRunning }) => isRunning);
  }

  /** Resolves when every host that is present has done it. Turns end with their signal only. */
  async #carryOut(order: HostTask, loop: ClosedLoop): Promise<number> {
    const number = ++this.#tasks;
    const task: Task = { number, order, loop, refused: 0, isStopped: false };
    this.#task = task;
    for (const host of this.#hosts) host.send({ task: number, ...order });
    const stop = (): void => this.#stop(task);
    if (loop.signal.aborted) stop();
    loop.signal.addEventListener("abort", stop, { once: true });
    try {
      await this.#until(() => task.isStopped || this.#isDone(task));
      const ms = this.#options.scenario.deadlines.statementMs * longestWaits + graceMs;
      const what = "the end of what bots were at in their processes";
      await withDeadline(
        this.#until(() => this.#isDone(task, true)),
        { ms, what },
      );
      return task.refused;
    } finally {
      loop.signal.removeEventListener("abort", stop);
      this.#task = undefined;
    }
  }

  #stop(task: Task): void {
    task.isStopped = true;
    for (const host of this.#hosts) host.send({ do: "stop", task: task.number });
    this.#wake();
  }

  /** While all are gone the turns of those who will come back are not over. */
  #isDone({ number, order }: Task, isStopped = false): boolean {
    if (order.do === "take-turns" && !isStopped) return false;
    return this.#present.every((host) => (this.#done.get(host) ?? 0) >= number);
  }

  /** Rejects when a process has ended by itself. */
  async #until(isSo: () => boolean): Promise<void> {
    for (;;) {
      const failed = this.#hosts.find(({ failure }) => failure !== undefined);
      if (failed?.failure !== undefined) throw failed.failure;
      if (isSo()) return;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #makeHost(place: number, bots: readonly number[]): OneHost {
    const { scenario, planned, environment, clock, merged, onEvent } = this.#options;
    const spec = {
      scenario: { ...scenario, faults: [], expect: [] },
      planned: { strategy: planned.strategy, role: planned.role, seed: planned.seed },
      address: environment.botAddress,
      schema: environment.control.schema,
      originNs: String(clock.originNs),
      place,
      bots,
    };
    return new OneHost({
      place,
      spec,
      merged,
      onEvent,
      onNote: (host, note) => this.#take(host, note),
      onChange: (host, isNew) => this.#follow(host, isNew),
    });
  }

  #take(host: OneHost, note: HostNote): void {
    const task = this.#task;
    if (note.kind === "done") {
      this.#done.set(host, note.task);
      if (task?.number === note.task) task.refused += note.refused;
      this.#wake();
      return;
    }
    // What a host says that has been stopped or killed meanwhile is about a bot that is not there.
    if (task === undefined || task.isStopped || !host.isRunning) return;
    if (note.kind === "empty") void task.loop.onEmpty?.(note.bot);
    else task.loop.onWork?.(note.bot);
  }

  /** Of a bot that has gone or come back, nobody knows that it would find nothing. */
  #follow(host: OneHost, isNew: boolean): void {
    const task = this.#task;
    if (task !== undefined) {
      for (const bot of host.bots) task.loop.onWork?.(bot);
      if (isNew) this.#joinIn(host, task);
    }
    this.#wake();
  }

  /** Claims are made once a wave: a bot whose predecessor may have made its claim waits for the next. */
  #joinIn(host: OneHost, { number, order, isStopped }: Task): void {
    if (isStopped || order.do === "claim-once") this.#done.set(host, number);
    else host.send({ task: number, ...order });
  }
}

/** The numbers of the bots, 1, 2, 3 …, dealt out in turn. */
function dealt({ bots }: Scenario): readonly (readonly number[])[] {
  const { count, hosts = 0 } = bots;
  const all = Array.from({ length: count }, (_, index) => index + 1);
  return Array.from({ length: hosts }, (_, host) => all.filter((bot) => bot % hosts === host));
}
