import { describe, expect, it } from "vitest";
import { startClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { Bot } from "../../src/bots/bot.ts";
import type { Record } from "../../src/bots/bot.ts";
import { executeLoad } from "../../src/bots/loads.ts";
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

function crew(
  target: QueueTarget,
  count: number,
  onCode: () => void = () => undefined,
): { bots: Bot[]; waves: string[]; codes: string[]; record: Record } {
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
  return { bots, waves, codes, record };
}

const signal = new AbortController().signal;
const clock = startClock();
const timing = { now: () => clock.now(), random: seededRandom(1) };
const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe("load", () => {
  it("drain: ends by itself when every bot has found nothing, with every job settled once", async () => {
    const target = new QueueTarget();
    target.add(50);
    const { bots, record } = crew(target, 8);
    await executeLoad(
      { kind: "drain" },
      { bots, record, enqueue: async () => undefined, signal, ...timing },
    );
    expect(target.settled.toSorted((a, b) => a - b)).toEqual(oneTo(50));
  });

  it("drain: waits for what is to come, and looks once more when nothing is", async () => {
    const target = new QueueTarget();
    target.add(3);
    const { bots, record } = crew(target, 4);
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
      { bots, record, enqueue, hasMoreToCome, signal, ...timing },
    );
    expect(target.settled.toSorted((a, b) => a - b)).toEqual(oneTo(5));
    expect(asked).toBe(4);
  });

  it("drain: stops when told to, with work left", async () => {
    const target = new QueueTarget();
    target.add(10_000);
    const stop = new AbortController();
    const { bots, record } = crew(target, 2);
    setImmediate(() => stop.abort());
    await executeLoad(
      { kind: "drain" },
      { bots, record, enqueue: async () => undefined, signal: stop.signal, ...timing },
    );
    expect(target.settled.length).toBeLessThan(10_000);
  });

  it("rounds: all bots claim at once, each once a wave, on new jobs", async () => {
    const target = new QueueTarget();
    const { bots, waves, record } = crew(target, 6);
    await executeLoad(
      { kind: "rounds", waves: 3 },
      { bots, record, enqueue: async () => target.add(4), signal, ...timing },
    );
    expect(waves).toEqual(["1 begin", "1 end", "2 begin", "2 end", "3 begin", "3 end"]);
    expect(target.mostInFlight).toBe(6);
    expect(target.settled).toHaveLength(12);
  });

  it("rounds: a conflict is tried again within the wave", async () => {
    const target = new QueueTarget({ conflicts: 10 });
    const { bots, record } = crew(target, 5);
    await executeLoad(
      { kind: "rounds", waves: 1 },
      { bots, record, enqueue: async () => target.add(5), signal, ...timing },
    );
    expect(target.settled.toSorted((a, b) => a - b)).toEqual(oneTo(5));
  });

  it("rounds: who never gets past his conflicts stands back, and every try is recorded", async () => {
    const target = new QueueTarget({ conflicts: Infinity });
    const { bots, codes, record } = crew(target, 2);
    await executeLoad(
      { kind: "rounds", waves: 2 },
      { bots, record, enqueue: async () => target.add(5), signal, ...timing },
    );
    // Two bots, two waves, two hundred tries a bot and wave.
    expect(codes).toEqual(Array.from({ length: 800 }, () => "40001"));
    expect(target.settled).toEqual([]);
  });

  it("drain: who never gets past his conflicts goes on until the load is over", async () => {
    const target = new QueueTarget({ conflicts: Infinity });
    const stop = new AbortController();
    let left = 1_000;
    const { bots, codes, record } = crew(target, 2, () => {
      if (--left === 0) stop.abort();
    });
    const load = { bots, record, enqueue: async () => undefined, signal: stop.signal, ...timing };
    await executeLoad({ kind: "drain" }, load);
    expect(codes.length).toBeGreaterThanOrEqual(1_000);
    expect(target.settled).toEqual([]);
  });
});
