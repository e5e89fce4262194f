import { unreachable } from "../../base/assert.ts";
import { monotonicMs, nsPerMs } from "../../base/clock.ts";
import type { Clock } from "../../base/clock.ts";
import { seededRandom } from "../../base/random.ts";
import { Span } from "../../base/span.ts";
import { sleepUntil, withDeadline } from "../../base/timer.ts";
import { LocalCrew } from "../../bots/crew.ts";
import type { Wake } from "../../bots/wake.ts";
import { ControlDatabase } from "../../service/control-database.ts";
import { loadStrategy } from "../../service/strategy.ts";
import { ReferenceTarget } from "../../targets/reference/reference-target.ts";
import { leaseMsOf, retryPolicyOf } from "../bot-options.ts";
import { makeBots, thinkTimes } from "../make-bots.ts";
import { makeWake } from "../make-wake.ts";
import type { HostReport, HostSpec, HostTask } from "./host-message.ts";
import type { ReportStream } from "./report-stream.ts";

const closeMs = 2_000;

/** The bots of a host process, in that process. It does one task after the other, in the order in which they come. */
export class HostedBots implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #stream: ReportStream;
  readonly #target: ReferenceTarget;
  readonly #crew: LocalCrew;
  readonly #wake: Wake;
  readonly #running = new Map<number, Span>();
  readonly #drawThinkMs: (() => number) | undefined;
  #working: Promise<unknown> = Promise.resolve();

  constructor(spec: HostSpec, clock: Clock, stream: ReportStream) {
    this.#clock = clock;
    this.#stream = stream;
    const { scenario, planned, bots, isSuccessor } = spec;
    const { record } = stream;
    this.#target = openTarget(spec, record);
    this.#wake = makeWake({ ...spec, record });
    this.#crew = new LocalCrew(
      makeBots({ scenario, planned, target: this.#target, record, isSuccessor, ids: bots }),
      this.#wake,
    );
    this.#drawThinkMs = thinkTimes(scenario, {
      seed: seededRandom(planned.seed, `host of bot ${bots[0]}`).integer(2 ** 31),
    });
  }

  get cost(): HostReport["cost"] {
    return this.#target.cost();
  }

  /** Carries the task out when those before it are done. Rejects where doubletake itself is wrong. */
  async take(number: number, task: HostTask): Promise<void> {
    const span = new Span();
    this.#running.set(number, span);
    const carriedOut = this.#working.then(() => this.#carryOut(task, span.signal));
    this.#working = carriedOut.catch(() => undefined);
    const refused = await carriedOut;
    span.end();
    this.#running.delete(number);
    this.#stream.note({ kind: "done", task: number, refused });
  }

  stop(task: number): void {
    this.#running.get(task)?.end();
  }

  /** Ends what is under way, and the connections in good order where that can be had in time. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const span of this.#running.values()) span.end();
    const closed = this.#working.then(() => this.#close());
    const deadline = { ms: closeMs, what: "closing the connections of bots" };
    await withDeadline(closed, deadline).catch(() => undefined);
  }

  async #close(): Promise<void> {
    await this.#wake[Symbol.asyncDispose]();
    await this.#target[Symbol.asyncDispose]();
  }

  /** Resolves to the number of bots that could not connect. */
  async #carryOut(task: HostTask, signal: AbortSignal): Promise<number> {
    switch (task.do) {
      case "connect":
        return await this.#crew.connect(signal);
      case "take-turns":
        await this.#takeTurns(task.thinks, signal);
        return 0;
      case "get-ready":
        await this.#crew.getReady(signal);
        return 0;
      case "claim-once": {
        const inMs = (task.atNs - this.#clock.now()) / nsPerMs;
        await sleepUntil(monotonicMs() + inMs, signal);
        await this.#crew.claimOnce(signal);
        return 0;
      }
      default:
        return unreachable(task);
    }
  }

  async #takeTurns(thinks: boolean, signal: AbortSignal): Promise<void> {
    await this.#crew.takeTurns({
      signal,
      onEmpty: async (bot) => this.#stream.note({ kind: "empty", bot }),
      onWork: (bot) => this.#stream.note({ kind: "work", bot }),
      ...(thinks ? { drawThinkMs: this.#drawThinkMs } : {}),
    });
  }
}

function openTarget(spec: HostSpec, record: ReportStream["record"]): ReferenceTarget {
  const { scenario, planned, address, schema, isSuccessor } = spec;
  return new ReferenceTarget({
    strategy: loadStrategy(planned.strategy),
    // Only names the schema: what the harness itself asks, it asks in its own process.
    control: new ControlDatabase(address, schema),
    address,
    bots: scenario.bots.count,
    connections: "per-bot",
    statementMs: scenario.deadlines.statementMs,
    leaseMs: leaseMsOf(scenario),
    jobsPerBot: scenario.claims?.limit ?? 1,
    retry: retryPolicyOf(scenario, planned.seed),
    onConnection: (bot, event, code) =>
      record({ op: "connection", type: "info", bot: bot ?? undefined, code, detail: { event } }),
    isSuccessor,
  });
}
