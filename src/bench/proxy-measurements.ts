import { median, quantile } from "../stats/quantile.ts";
import type { Link } from "../environment/toxiproxy/toxiproxy-server.ts";
import { megabytesPerSecond, pingPongsPerSecond, roundTripsMs } from "./proxy-traffic.ts";

/** A server under measurement: a link to the echo server, and one to the sink. */
export interface Contender {
  readonly name: string;
  readonly echo: Link;
  readonly sink: Link;
}

/** One quantity, for each contender in their order. */
export interface Measurement {
  readonly what: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly values: readonly number[];
}

const blocks = 9;
const tripsPerBlock = 1500;
const megabytes = 200;
const transfers = 5;
const pingPongs = 5;
const delaysMs = [1, 10, 100];
const delayedTrips: Readonly<Record<number, number>> = { 1: 300, 10: 120, 100: 20 };

/** No toxics: round trips on one connection. */
export async function measureRoundTrips(
  contenders: readonly Contender[],
): Promise<readonly Measurement[]> {
  for (const { echo } of contenders) await roundTripsMs(echo.listen, tripsPerBlock);
  const samples = await interleaved(contenders, blocks, ({ echo }) =>
    roundTripsMs(echo.listen, tripsPerBlock),
  );
  const pooled = samples.map((series) => series.flat().toSorted((a, b) => a - b));
  const at = (q: number): number[] => pooled.map((sorted) => (quantile(sorted, q) ?? 0) * 1000);
  return [
    { what: "round trip, p50", unit: "µs", better: "lower", values: at(0.5) },
    { what: "round trip, p99", unit: "µs", better: "lower", values: at(0.99) },
  ];
}

export async function measureThroughput(
  contenders: readonly Contender[],
): Promise<readonly Measurement[]> {
  const rates = await interleaved(contenders, transfers, ({ sink }) =>
    megabytesPerSecond(sink.listen, megabytes),
  );
  const values = rates.map((series) => median(series) ?? 0);
  return [{ what: `transfer of ${megabytes} MB`, unit: "MB/s", better: "higher", values }];
}

export async function measurePingPong(
  contenders: readonly Contender[],
): Promise<readonly Measurement[]> {
  const rates = await interleaved(contenders, pingPongs, ({ echo }) =>
    pingPongsPerSecond(echo.listen, { connections: 64, forMs: 1000 }),
  );
  const values = rates.map((series) => median(series) ?? 0);
  return [{ what: "64 connections, 200 B", unit: "trips/s", better: "higher", values }];
}

/** How much more than the delay that was asked for a round trip takes, beyond one without a delay. */
export async function measureInjectedLatency(
  contenders: readonly Contender[],
): Promise<readonly Measurement[]> {
  const plain = await interleaved(contenders, 2, ({ echo }) => roundTripsMs(echo.listen, 500));
  const plainMs = plain.map((series) => median(series.flat()) ?? 0);
  const measurements: Measurement[] = [];
  for (const delayMs of delaysMs) {
    const series = await interleaved(contenders, 3, ({ echo }) => delayedRoundTrips(echo, delayMs));
    const errors = series.map((trips, i) =>
      trips
        .flat()
        .map((tripMs) => tripMs - delayMs - (plainMs[i] ?? 0))
        .toSorted((a, b) => a - b),
    );
    for (const [label, q] of [
      ["p50", 0.5],
      ["p95", 0.95],
    ] as const) {
      const values = errors.map((sorted) => quantile(sorted, q) ?? 0);
      const what = `error of ${delayMs} ms latency, ${label}`;
      measurements.push({ what, unit: "ms", better: "lower", values });
    }
  }
  return measurements;
}

async function delayedRoundTrips(link: Link, delayMs: number): Promise<number[]> {
  const attributes = { latency: delayMs, jitter: 0 };
  await link.addToxic({
    name: "delay",
    type: "latency",
    stream: "downstream",
    toxicity: 1,
    attributes,
  });
  try {
    return await roundTripsMs(link.listen, delayedTrips[delayMs] ?? 20);
  } finally {
    await link.removeToxic("delay");
  }
}

/** A B B A A B …: what the machine does meanwhile meets all of them alike. The series of each, in the given order. */
async function interleaved<T>(
  contenders: readonly Contender[],
  times: number,
  measure: (contender: Contender) => Promise<T>,
): Promise<T[][]> {
  const series: T[][] = contenders.map(() => []);
  for (let time = 0; time < times; time++) {
    const order = [...contenders.entries()];
    if (time % 2 === 1) order.reverse();
    for (const [i, contender] of order) series[i]?.push(await measure(contender));
  }
  return series;
}
