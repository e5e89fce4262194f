import { describe, expect, it } from "vitest";
import { startClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { waitUntil } from "../../src/base/timer.ts";
import { Bot } from "../../src/bots/bot.ts";
import type { Record } from "../../src/bots/bot.ts";
import { LocalCrew } from "../../src/bots/crew.ts";
import type { Crew } from "../../src/bots/crew.ts";
import { executeLoad } from "../../src/bots/loads.ts";
import type { ClaimDetail } from "../../src/history/event.ts";
import type { Claim } from "../../src/service/claim-run.ts";
import type { Outcome } from "../../src/service/outcome.ts";
import { empty, failure, ScriptedTarget } from "./scripted-target.ts";

/** A queue in memory: what it grants is gone. */
class QueueTarget extends ScriptedTarget {
  readonly settled: number[] = [];
  inFlight = 0;
  mostInFlight = 0;
  readonly #pending: number[] = [];
  #next = 1;
  #conflicts = 0;

  constructor(options: { readonly conflicts?: number } = {}) {
    super({});
    this.#conflicts = options.conflicts ?? 0;
  }

  add(count: number): void {
    for (let n = 0; n < count; n++) this.#pending.push(this.#next++);
  }

  override claim = async (): Promise<Outcome<readonly Claim[]>> => {
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    await new Promise(setImmediate);
    this.inFlight--;
    if (this.#conflicts-- > 0) return failure("failed", "40001");
    const job = this.#pending.shift();
    return job === undefined ? empty : { kind: "ok", value: [{ job, attempt: 1 }] };
  };

  override settle = async ({ claim }: { claim: Claim }): Promise<Outcome<null>> => {
    this.settled.push(claim.job);
    return { kind: "ok", value: null };
  };
}

function crewOf(
  target: QueueTarget,
  count: number,
  onCode: () => void = () => undefined,
): { crew: Crew; waves: string[]; codes: string[]; record: Record } {
  const waves: string[] = [];
  /** Of claims that failed. */
  const codes: string[] = [];
  const record: Record = ({ op, code, detail }) => {
    if (op === "wave" && detail !== undefined && "wave" in detail)
      waves.push(`${detail.wave} ${detail.event}`);
    if (op !== "claim" || code === undefined) return;
    codes.push(code);
    onCode();
  };
  const bots = Array.from(
    { length: count },
    (_, index) =>
      new Bot({ id: index + 1, target, record, workMs: 0, random: seededRandom(index) }),
  );
  return { crew: new LocalCrew(bots), waves, codes, record };
}

const signal = new AbortController().signal;
const clock = startClock();
const timing = { now: () => clock.now(), random: seededRandom(1) };
const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe("load", () => {
  it("drain: ends by itself when every bot has found nothing, with every job settled once", async () => {
    const target = new QueueTarget();
    target.add(50);
    const { crew, record } = crewOf(target, 8);
    await executeLoad(
      { kind: "drain" },
      { crew, record, enqueue: async () => undefined, signal, ...timing },
    );
    expect(target.settled.toSorted((a, b) => a - b)).toEqual(oneTo(50));
  });

  it("drain: waits for what is to come, and looks once more when nothing is", async () => {
    const target = new QueueTarget();
    target.add(3);
    const { crew, record } = crewOf(target, 4);
    let asked = 0;
    // The last job becomes free between the bots' last look and the answer that none is to come.
    const hasMoreToCome = async (): Promise<boolean> => {
      asked++;
      if (asked === 2) target.add(1);
      if (asked === 3) target.add(1);
      return asked < 3;
    };
    const enqueue = async (): Promise<void> => undefined;
    await executeLoad(
      { kind: "drain" },
      { crew, record, enqueue, hasMoreToCome, signal, ...timing },
    );
    expect(target.settled.toSorted((a, b) => a - b)).toEqual(oneTo(5));
    expect(asked).toBe(4);
  });

  it("drain: a job that another's work made free is done, though its bot had found nothing before", async () => {
    const target = new QueueTarget();
    target.add(1);
    let [lookedInVain, granted] = [0, 0];
    const { claim, start, settle } = target;
    target.claim = async () => {
      const outcome = await claim();
      if (outcome.kind === "empty") lookedInVain++;
      else granted++;
      return outcome;
    };
    const until = async (isSo: () => boolean): Promise<void> => {
      await waitUntil(isSo, { ms: 2_000, everyMs: 1 });
    };
    // Whoever has a job is at it until the other has looked in vain a few times.
    target.start = async (bot, claimed) => {
      const wanted = lookedInVain + 3;
      await until(() => lookedInVain >= wanted);
      return await start(bot, claimed);
    };
    // The first job makes a second one free, which the other takes at once.
    target.settle = async (claimed) => {
      if (claimed.claim.job === 1) {
        target.add(1);
        await until(() => granted === 2);
      }
      return await settle(claimed);
    };
    const { crew, record } = crewOf(target, 2);
    const load = { crew, record, enqueue: async () => undefined, signal, ...timing };
    await executeLoad({ kind: "drain" }, load);
    expect(target.settled).toEqual([1, 2]);
  });

  it("drain: stops when told to, with work left", async () => {
    const target = new QueueTarget();
    target.add(10_000);
    const stop = new AbortController();
    const { crew, record } = crewOf(target, 2);
    setImmediate(() => stop.abort());
    await executeLoad(
      { kind: "drain" },
      { crew, record, enqueue: async () => undefined, signal: stop.signal, ...timing },
    );
    expect(target.settled.length).toBeLessThan(10_000);
  });

  it("rounds: all bots claim at once, each once a wave, on new jobs", async () => {
    const target = new QueueTarget();
    const { crew, waves, record } = crewOf(target, 6);
    await executeLoad(
      { kind: "rounds", waves: 3 },
      { crew, record, enqueue: async () => target.add(4), signal, ...timing },
    );
    expect(waves).toEqual(["1 begin", "1 end", "2 begin", "2 end", "3 begin", "3 end"]);
    expect(target.mostInFlight).toBe(6);
    expect(target.settled).toHaveLength(12);
  });

  it("rounds: a conflict is tried again within the wave", async () => {
    const target = new QueueTarget({ conflicts: 10 });
    const { crew, record } = crewOf(target, 5);
    await executeLoad(
      { kind: "rounds", waves: 1 },
      { crew, record, enqueue: async () => target.add(5), signal, ...timing },
    );
    expect(target.settled.toSorted((a, b) => a - b)).toEqual(oneTo(5));
  });

  it("rounds: who never gets past his conflicts stands back, and every try is recorded", async () => {
    const target = new QueueTarget({ conflicts: Infinity });
    const { crew, codes, record } = crewOf(target, 2);
    await executeLoad(
      { kind: "rounds", waves: 2 },
      { crew, record, enqueue: async () => target.add(5), signal, ...timing },
    );
    // Two bots, two waves, two hundred tries a bot and wave.
    expect(codes).toEqual(Array.from({ length: 800 }, () => "40001"));
    expect(target.settled).toEqual([]);
  });

  it("drain: who never gets past his conflicts goes on until the load is over", async () => {
    const target = new QueueTarget({ conflicts: Infinity });
    const stop = new AbortController();
    let left = 1_000;
    const { crew, codes, record } = crewOf(target, 2, () => {
      if (--left === 0) stop.abort();
    });
    const load = { crew, record, enqueue: async () => undefined, signal: stop.signal, ...timing };
    await executeLoad({ kind: "drain" }, load);
    expect(codes.length).toBeGreaterThanOrEqual(1_000);
    expect(target.settled).toEqual([]);
  });

  it("drain: goes on while jobs are added, and ends when the last of them is done", async () => {
    const target = new QueueTarget();
    target.add(3);
    const { crew, record } = crewOf(target, 4);
    await executeLoad(
      { kind: "drain" },
      {
        crew,
        record,
        enqueue: async (count = 0) => target.add(count),
        signal,
        ...timing,
        producer: { ratePerSecond: 200, untilMs: 100 },
      },
    );
    // 200 a second for 100 ms are 20, and none of them is left.
    expect(target.settled.toSorted((a, b) => a - b)).toEqual(oneTo(23));
  });

  it("duration: ends after its time, work left or not", async () => {
    const target = new QueueTarget();
    target.add(100_000);
    const { crew, record } = crewOf(target, 2);
    const spec = { kind: "duration", forMs: 100 } as const;
    await executeLoad(spec, { crew, record, enqueue: async () => undefined, signal, ...timing });
    expect(target.settled.length).toBeGreaterThan(0);
    expect(target.settled.length).toBeLessThan(100_000);
  });

  it("duration: bots pause between jobs as they are told", async () => {
    const target = new QueueTarget();
    target.add(1_000);
    const { crew, record } = crewOf(target, 1);
    let drawn = 0;
    const drawThinkMs = (): number => {
      drawn++;
      return 1;
    };
    const spec = { kind: "duration", forMs: 100 } as const;
    const context = { crew, record, enqueue: async () => undefined, signal, ...timing };
    await executeLoad(spec, { ...context, drawThinkMs });
    // One for each job, but perhaps not for the one that the end of the window met.
    expect(target.settled.length).toBeGreaterThan(0);
    expect(drawn).toBeGreaterThanOrEqual(target.settled.length - 1);
  });
});

describe("arrivals", () => {
  const open = { arrivals: "constant", lateAfterMs: 10_000, skipAfterMs: 20_000 } as const;

  /** The intended times of the claims, and when each was asked for, in nanoseconds. */
  function watchClaims(bots: number, target: QueueTarget) {
    const claims: { intendedAt: number; at: number }[] = [];
    const record: Record = ({ op, type, detail }) => {
      if (op !== "claim" || type !== "invoke") return;
      claims.push({ intendedAt: (detail as ClaimDetail).intendedAt ?? NaN, at: clock.now() });
    };
    const all = Array.from(
      { length: bots },
      (_, index) => new Bot({ id: index + 1, target, record, workMs: 0, random: seededRandom(1) }),
    );
    return {
      claims,
      context: {
        crew: new LocalCrew(all),
        record,
        enqueue: async () => undefined,
        signal,
        ...timing,
      },
    };
  }

  it("are each sent once, at their time or after, and timed from it", async () => {
    const target = new QueueTarget();
    target.add(100);
    const { claims, context } = watchClaims(3, target);
    const spec = { kind: "arrival-rate", ratePerSecond: 200, forMs: 100, ...open } as const;
    const arrivals = await executeLoad(spec, context);
    expect(arrivals?.scheduled).toBe(20);
    expect(claims.length).toBeGreaterThan(0);
    expect(claims.length).toBe(20 - (arrivals?.skipped ?? 0));
    expect(claims.every(({ intendedAt, at }) => intendedAt <= at)).toBe(true);
    // Each at a time of its own, and all of those 5 ms apart, on whatever side of each other the bots were.
    const due = claims.map(({ intendedAt }) => intendedAt / 1e6).toSorted((a, b) => a - b);
    const first = due[0] ?? NaN;
    const places = due.map((at) => (at - first) / 5);
    for (const place of places) expect(place).toBeCloseTo(Math.round(place), 3);
    expect(new Set(places.map(Math.round)).size).toBe(claims.length);
  });

  it("that no bot is free for are late, then skipped; all are counted", async () => {
    const target = new QueueTarget();
    target.add(1_000);
    const { context } = watchClaims(1, target);
    const slow = target.claim;
    target.claim = async () => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      return await slow();
    };
    const arrivals = await executeLoad(
      {
        kind: "arrival-rate",
        ratePerSecond: 100,
        forMs: 200,
        arrivals: "constant",
        lateAfterMs: 5,
        skipAfterMs: 60,
      },
      context,
    );
    // Each claim takes 40 ms and they come every 10 ms: at most five or six are sent, and all but the first are late.
    expect(arrivals?.scheduled).toBe(20);
    expect(arrivals?.skipped).toBeGreaterThanOrEqual(14);
    expect((arrivals?.late ?? 0) + (arrivals?.skipped ?? 0)).toBeGreaterThanOrEqual(18);
  });

  it("whose bot never came to ask are skipped, and not late", async () => {
    const target = new QueueTarget();
    target.add(10);
    const { claims, context } = watchClaims(2, target);
    const refused = {
      kind: "failed",
      code: "ECONNREFUSED",
      message: "",
      retryable: false,
    } as const;
    // Nobody connects before the window ends, so both bots have taken an arrival and neither asks.
    target.connect = async () => refused;
    const times = { ratePerSecond: 100, forMs: 60, lateAfterMs: 0 };
    const spec = { kind: "arrival-rate", ...open, ...times } as const;
    const arrivals = await executeLoad(spec, context);
    expect(claims).toEqual([]);
    expect(arrivals).toEqual({ scheduled: 6, late: 0, skipped: 6 });
  });

  it("tried again after a lost race keep the time they were meant for", async () => {
    const target = new QueueTarget({ conflicts: 2 });
    target.add(10);
    const { claims, context } = watchClaims(1, target);
    const spec = { kind: "arrival-rate", ratePerSecond: 10, forMs: 90, ...open } as const;
    await executeLoad(spec, context);
    expect(claims).toHaveLength(3);
    expect(new Set(claims.map(({ intendedAt }) => intendedAt)).size).toBe(1);
  });
});
