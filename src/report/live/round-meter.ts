import { nsPerMs } from "../../base/clock.ts";
import { DoubleGrantWatch } from "../../checks/double-grant-watch.ts";
import type { DoubleGrant } from "../../checks/double-grant-watch.ts";
import type { EventTable } from "../../history/event-table.ts";
import type { FaultDetail, PhaseDetail, WaveDetail } from "../../history/event.ts";
import { NumberMap } from "../../history/number-map.ts";
import { LatencyBuckets } from "./latency-buckets.ts";

/** What a live view shows of the round that goes on. */
export interface Readings {
  readonly granted: number;
  readonly lost: number;
  readonly completed: number;
  readonly wavesEnded: number;
  /** Of the last second or so; null where there is none yet. */
  readonly claimsPerSecond: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly faults: readonly FaultReading[];
  readonly doubleGrants: number;
  readonly firstDoubleGrant: DoubleGrant | undefined;
}

export interface FaultReading {
  readonly fault: string;
  readonly injected: number;
  readonly hit: number;
  /** Injected and not healed: false also for what is over at once. */
  readonly stands: boolean;
}

/** The rate is taken over about so long: shorter ones jump, longer ones lag. */
const rateOverNs = 1_000 * nsPerMs;

/**
 * Reads a round off the table of events as it grows; each event is looked at once, when the view is drawn, so that the
 * bots do nothing for it (some 100 ns an event, a fifth of what recording it takes: `npm run bench:live`).
 */
export class RoundMeter {
  readonly #events: EventTable;
  readonly #watch: DoubleGrantWatch;
  readonly #latencies = new LatencyBuckets();
  readonly #askedAtUs = new NumberMap();
  readonly #faults = new Map<string, { injected: number; hit: number; stands: boolean }>();
  #next: number;
  #granted = 0;
  #lost = 0;
  #completed = 0;
  #wavesEnded = 0;
  #isLoad = false;
  readonly #rateMarks: { readonly t: number; readonly granted: number }[] = [];

  constructor(events: EventTable) {
    this.#events = events;
    this.#next = events.length;
    this.#watch = new DoubleGrantWatch(events);
  }

  read(): Readings {
    for (; this.#next < this.#events.length; this.#next++) this.#take(this.#next);
    this.#watch.update();
    return {
      granted: this.#granted,
      lost: this.#lost,
      completed: this.#completed,
      wavesEnded: this.#wavesEnded,
      claimsPerSecond: this.#rate(),
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
      faults: [...this.#faults].map(([fault, reading]) => ({ fault, ...reading })),
      doubleGrants: this.#watch.count,
      firstDoubleGrant: this.#watch.first,
    };
  }

  #take(event: number): void {
    const op = this.#events.op(event);
    if (op === "claim") this.#takeClaim(event);
    else if (op === "complete") this.#completed += Number(this.#events.type(event) === "ok");
    else if (op === "fault") this.#takeFault(this.#events.detail(event) as FaultDetail);
    else if (op === "wave") this.#takeWave(this.#events.detail(event) as WaveDetail);
    else if (op === "phase") this.#takePhase(this.#events.detail(event) as PhaseDetail);
  }

  #takeWave({ event }: WaveDetail): void {
    if (event === "end") this.#wavesEnded++;
  }

  #takeClaim(event: number): void {
    const bot = this.#events.bot(event);
    const us = Math.round(this.#events.t(event) / 1000);
    const type = this.#events.type(event);
    if (type === "invoke") {
      // NumberMap holds 32 bits, some 35 minutes of µs: differences are right beyond that too.
      if (bot !== -1) this.#askedAtUs.set(bot, us & microsecondBits);
      return;
    }
    if (type === "failed" || type === "unknown") this.#lost++;
    if (type !== "ok") return;
    this.#granted++;
    const askedAtUs = bot === -1 ? -1 : this.#askedAtUs.get(bot);
    if (askedAtUs !== -1 && this.#isLoad) {
      this.#latencies.add(((us - askedAtUs) & microsecondBits) / 1000);
    }
  }

  #takeFault({ fault, event }: FaultDetail): void {
    const reading = this.#faults.get(fault) ?? { injected: 0, hit: 0, stands: false };
    if (event === "injected") {
      reading.injected++;
      reading.stands = true;
    }
    if (event === "hit") reading.hit++;
    if (event === "healed") reading.stands = false;
    this.#faults.set(fault, reading);
  }

  #takePhase({ phase, event }: PhaseDetail): void {
    if (phase === "load") this.#isLoad = event === "begin";
  }

  /** From the oldest mark of the last second to now; a mark is set each time the view is drawn. */
  #rate(): number | null {
    const last = this.#events.length - 1;
    if (last < 0) return null;
    const now = { t: this.#events.t(last), granted: this.#granted };
    this.#rateMarks.push(now);
    while (this.#rateMarks.length > 2 && now.t - (this.#rateMarks[1]?.t ?? 0) > rateOverNs) {
      this.#rateMarks.shift();
    }
    const [first = now] = this.#rateMarks;
    return now.t > first.t ? ((now.granted - first.granted) / (now.t - first.t)) * 1e9 : null;
  }
}

const microsecondBits = 0x7fffffff;
