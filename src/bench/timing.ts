import { Bench } from "tinybench";
import { monotonicMs } from "../base/clock.ts";
import { HarnessError } from "../base/harness-error.ts";
import { median } from "../stats/quantile.ts";

/** One thing that is timed again and again. */
export interface Timed {
  /** `claim/skip-locked`: what it is, and of what. */
  readonly name: string;
  /** How many units one call carries out, where the time of one unit is what is asked for; absent: one. */
  readonly units?: number;
  /** `async` calls are awaited. Said, because to find it out tinybench would make a call without its hooks. */
  readonly kind: "sync" | "async";
  readonly call: () => unknown;
  /** Not timed. */
  readonly before?: () => Promise<void> | void;
  readonly after?: () => Promise<void> | void;
}

export interface TimedResult {
  readonly name: string;
  /** Nanoseconds of one unit, in the order they were taken: every sample, so that others can judge them their own way. */
  readonly samplesNs: readonly number[];
  readonly medianNs: number;
}

export interface TimingOptions {
  /** How long each is timed; at least 16 samples are taken, however slow it is. */
  readonly timeMs: number;
}

const fewestSamples = 16;

/** Times one after the other, each after a warm-up. HarnessError (defect) where a call throws. */
export async function time(all: readonly Timed[], options: TimingOptions): Promise<TimedResult[]> {
  const results: TimedResult[] = [];
  for (const timed of all) results.push(await timeOne(timed, options));
  return results;
}

async function timeOne(timed: Timed, { timeMs }: TimingOptions): Promise<TimedResult> {
  const bench = new Bench({
    time: timeMs,
    iterations: fewestSamples,
    warmupTime: timeMs / 4,
    warmupIterations: fewestSamples,
  });
  const takenMs: number[] = [];
  const { before, after } = timed;
  bench.add(timed.name, watched(timed, takenMs), {
    async: timed.kind === "async",
    // Once for the warm-up and once for what counts.
    beforeAll: () => void (takenMs.length = 0),
    ...(before === undefined ? {} : { beforeEach: async () => await before() }),
    ...(after === undefined ? {} : { afterEach: async () => await after() }),
  });
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== "completed") {
    const cause = result !== undefined && "error" in result ? result.error : undefined;
    const what = `${timed.name} cannot be timed: ${cause?.message ?? result?.state ?? "no result"}`;
    throw new HarnessError({ kind: "environment", what, cause });
  }
  const samplesNs = takenMs.map((ms) => Math.round((ms * 1e6) / (timed.units ?? 1)));
  return { name: timed.name, samplesNs, medianNs: median(samplesNs) ?? Number.NaN };
}

/** tinybench sorts the samples it keeps; whether a machine slowed down on the way shows only in the order they were taken. */
function watched({ kind, call }: Timed, takenMs: number[]): () => unknown {
  const end = (fromMs: number): { overriddenDuration: number } => {
    const ms = monotonicMs() - fromMs;
    takenMs.push(ms);
    return { overriddenDuration: ms };
  };
  if (kind === "sync") {
    return () => {
      const fromMs = monotonicMs();
      call();
      return end(fromMs);
    };
  }
  return async () => {
    const fromMs = monotonicMs();
    await call();
    return end(fromMs);
  };
}
