import { monitorEventLoopDelay } from "node:perf_hooks";
import type { IntervalHistogram } from "node:perf_hooks";
import { monotonicMs, nsPerMs } from "../base/clock.ts";
import { sleep } from "../base/timer.ts";
import type { RoundCost } from "../history/event.ts";
import type { GeneratorDetail, LoadDetail } from "../history/load-detail.ts";
import { botApplication } from "../service/bot-sessions.ts";
import { BufferCounter } from "../service/buffer-counter.ts";
import { sampleGrowth, sampleWaits } from "../service/load-samples.ts";
import type { Strategy } from "../service/strategy.ts";
import { askCanary } from "./canary.ts";
import type { Environment } from "./environment.ts";

/** 50 Hz: often enough to see a wait of a few milliseconds now and then, seldom enough not to be the load. */
const waitsEveryMs = 20;
const growthEveryMs = 250;
/** Bounds the samples that are kept of a long load: beyond it every other one is dropped, and they come half as often. */
const mostGrowthSamples = 240;
const loopResolutionMs = 10;

/** What the bots have sent, so far. */
export type BotCost = Pick<RoundCost, "statements" | "roundTrips">;

/** What is set up before anything is broken, and takes time that is in no rate. */
export interface PreparedMeasuring {
  readonly canary: LoadDetail["canary"];
  /** Null where the server does not count them, or not for us. */
  readonly buffers: BufferCounter | null;
}

export async function prepareMeasuring(
  { control, postgres }: Environment,
  strategy: Strategy | null,
): Promise<PreparedMeasuring> {
  const mayInstall = postgres.kind !== "existing";
  const canary = await askCanary(control).catch(() => undefined);
  // The statements of a service that is not ours are not known.
  const buffers =
    strategy === null ? null : await BufferCounter.open(control, { strategy, mayInstall });
  return { canary, buffers };
}

export interface MeasuringOptions {
  readonly environment: Environment;
  readonly prepared: PreparedMeasuring;
  readonly botCost: () => BotCost;
}

/**
 * What is measured beside what the bots see, from the begin of a load to its end, over the harness's own connections: a
 * server that cannot be asked for a while leaves a hole, never an error.
 */
export class LoadMeasuring {
  readonly #options: MeasuringOptions;
  readonly #costBefore: BotCost;
  readonly #walBefore: number | undefined;
  readonly #generator = new GeneratorMeter();
  readonly #ending = new AbortController();
  readonly #beganMs = monotonicMs();
  readonly #waits: Record<string, number> = {};
  #growth: NonNullable<LoadDetail["growth"]>[number][] = [];
  readonly #sampling: Promise<unknown>;
  #cost: RoundCost | undefined;
  #ended: Promise<void> | undefined;

  private constructor(options: MeasuringOptions, walBefore: number | undefined) {
    this.#options = options;
    this.#walBefore = walBefore;
    this.#costBefore = options.botCost();
    this.#sampling = Promise.all([this.#sampleWaits(), this.#sampleGrowth()]);
  }

  /** Resolves when it has begun, and the load may. */
  static async begin(options: MeasuringOptions): Promise<LoadMeasuring> {
    const walBefore = await walPosition(options.environment).catch(() => undefined);
    return new LoadMeasuring(options, walBefore);
  }

  /** What bots and server counted; undefined before the end. */
  get cost(): RoundCost | undefined {
    return this.#cost;
  }

  get detail(): LoadDetail {
    const { canary } = this.#options.prepared;
    return {
      generator: this.#generator.read(),
      ...(Object.keys(this.#waits).length === 0 ? {} : { waits: { ...this.#waits } }),
      ...(this.#growth.length === 0 ? {} : { growth: [...this.#growth] }),
      ...(canary === undefined ? {} : { canary }),
    };
  }

  /** The generator's own part is over; it rests while the server's counters are read. */
  stop(): void {
    this.#generator.stop();
  }

  /** Ends all sampling and reads the counters. A server that is down has none: that is no failure of the load. Idempotent. */
  async end(): Promise<void> {
    this.#ended ??= this.#end();
    await this.#ended;
  }

  async #end(): Promise<void> {
    this.stop();
    const { environment, prepared, botCost } = this.#options;
    const walAfter = await walPosition(environment).catch(() => undefined);
    const buffers = await prepared.buffers?.sinceOpened().catch(() => undefined);
    const hasWal = this.#walBefore !== undefined && walAfter !== undefined;
    const { statements, roundTrips } = botCost();
    this.#cost = {
      statements: statements - this.#costBefore.statements,
      roundTrips: roundTrips - this.#costBefore.roundTrips,
      ...(hasWal ? { walBytes: walAfter - (this.#walBefore ?? 0) } : {}),
      ...(buffers === undefined ? {} : { buffers }),
    };
    this.#ending.abort();
    await this.#sampling;
  }

  async #sampleWaits(): Promise<void> {
    const { control } = this.#options.environment;
    const application = `${botApplication}-${control.schema}-`;
    await this.#every(waitsEveryMs, async () => {
      for (const { event, count } of await sampleWaits(control, application)) {
        this.#waits[event] = (this.#waits[event] ?? 0) + count;
      }
    });
  }

  async #sampleGrowth(): Promise<void> {
    let everyMs = growthEveryMs;
    await this.#every(
      () => everyMs,
      async () => {
        const atMs = Math.round(monotonicMs() - this.#beganMs);
        const sample = await sampleGrowth(this.#options.environment.control);
        if (sample !== undefined) this.#growth.push({ atMs, ...sample });
        if (this.#growth.length < mostGrowthSamples) return;
        this.#growth = this.#growth.filter((_, place) => place % 2 === 0);
        everyMs *= 2;
      },
    );
  }

  /** One sample at a time; a slow server is asked less often. */
  async #every(ms: number | (() => number), take: () => Promise<void>): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await take().catch(() => undefined);
      await sleep(typeof ms === "number" ? ms : ms(), signal);
    }
  }
}

/** The process that drives the bots: how busy it was itself. */
class GeneratorMeter {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: loopResolutionMs });
  readonly #cpuBefore = process.cpuUsage();
  readonly #loopBefore = performance.eventLoopUtilization();
  readonly #beganMs = monotonicMs();
  #read: GeneratorDetail | undefined;

  constructor() {
    this.#delay.enable();
  }

  stop(): void {
    this.#read ??= this.#measure();
    this.#delay.disable();
  }

  read(): GeneratorDetail {
    return this.#read ?? this.#measure();
  }

  #measure(): GeneratorDetail {
    const cpu = process.cpuUsage(this.#cpuBefore);
    const elapsedMs = Math.max(1, monotonicMs() - this.#beganMs);
    // The histogram holds whole intervals of its timer. It is empty where the load was shorter than one.
    const p99Ms = this.#delay.count === 0 ? 0 : this.#delay.percentile(99) / nsPerMs;
    return {
      eventLoopDelayMsP99: rounded(Math.max(0, p99Ms - loopResolutionMs)),
      cpuShare: rounded((cpu.user + cpu.system) / 1000 / elapsedMs),
      loopUtilization: rounded(performance.eventLoopUtilization(this.#loopBefore).utilization),
    };
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Bytes since the beginning of the log; undefined where the server may not be asked. */
async function walPosition({ postgres, control }: Environment): Promise<number | undefined> {
  if (!postgres.capabilities.has("wal-position")) return undefined;
  const rows = await control.query("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bytes");
  return Number(rows[0]?.["bytes"]);
}
