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

/** What the server tells of the cost of a load. */
export type ServerCost = Pick<RoundCost, "walBytes" | "buffers">;

/**
 * What is measured beside what the bots see, from the begin of a load to its end, over the harness's own connections: a
 * server that cannot be asked for a while leaves a hole, never an error.
 */
export class LoadMeasuring {
  readonly #environment: Environment;
  readonly #buffers: BufferCounter | null;
  readonly #generator = new GeneratorMeter();
  readonly #ending = new AbortController();
  readonly #beganMs = monotonicMs();
  readonly #waits: Record<string, number> = {};
  #growth: NonNullable<LoadDetail["growth"]>[number][] = [];
  #sampling: Promise<unknown> = Promise.resolve();
  #canary: LoadDetail["canary"];
  #walBefore: number | undefined;
  #cost: ServerCost = {};

  private constructor(environment: Environment, buffers: BufferCounter | null) {
    this.#environment = environment;
    this.#buffers = buffers;
  }

  static async begin(environment: Environment, strategy: Strategy | null): Promise<LoadMeasuring> {
    const { control, postgres } = environment;
    const isOurs = postgres.kind !== "existing";
    const canary = await askCanary(control).catch(() => undefined);
    // The statements of a service that is not ours are not known.
    const buffers =
      strategy === null
        ? null
        : await BufferCounter.open(control, { strategy, mayInstall: isOurs });
    const measuring = new LoadMeasuring(environment, buffers);
    measuring.#canary = canary;
    measuring.#walBefore = await walPosition(environment);
    measuring.#sampling = Promise.all([measuring.#sampleWaits(), measuring.#sampleGrowth()]);
    return measuring;
  }

  /** What the server counted; empty before the end. */
  get cost(): ServerCost {
    return this.#cost;
  }

  get detail(): LoadDetail {
    const canary = this.#canary;
    return {
      generator: this.#generator.read(),
      ...(Object.keys(this.#waits).length === 0 ? {} : { waits: { ...this.#waits } }),
      ...(this.#growth.length === 0 ? {} : { growth: [...this.#growth] }),
      ...(canary === undefined ? {} : { canary }),
    };
  }

  /** Ends all sampling and reads the counters. A server that is down has none: that is no failure of the load. */
  async end(): Promise<void> {
    this.#generator.stop();
    const walAfter = await walPosition(this.#environment).catch(() => undefined);
    const buffers = await this.#buffers?.sinceOpened().catch(() => undefined);
    const hasWal = this.#walBefore !== undefined && walAfter !== undefined;
    this.#cost = {
      ...(hasWal ? { walBytes: walAfter - (this.#walBefore ?? 0) } : {}),
      ...(buffers === undefined ? {} : { buffers }),
    };
    this.#ending.abort();
    await this.#sampling;
  }

  async #sampleWaits(): Promise<void> {
    const { control } = this.#environment;
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
        const sample = await sampleGrowth(this.#environment.control);
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
