/** How a report writes numbers: three significant digits at most, the unit always beside them. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** What stands where a number could not be had. */
export const notAvailable = "n/a";

/** `1,204`. */
export function count(value: number): string {
  return grouped.format(value);
}

/** `1,204`, `40.2`, `3.14`: no more digits than a measurement carries. */
export function rate(value: number | null): string {
  if (value === null) return notAvailable;
  if (value === 0) return "0";
  if (Math.abs(value) >= 100) return grouped.format(value);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** Milliseconds as `0.42 ms`, `18.2 ms`, `432 ms`, `12.3 s`. */
export function milliseconds(value: number | null): string {
  if (value === null) return notAvailable;
  if (value >= 100_000) return `${grouped.format(value / 1000)} s`;
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${rate(value)} ms`;
}

/** A length of time for people, from milliseconds: `850 ms`, `12.3 s`, `4 min 10 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Bytes as `512 B`, `1.24 kB`, `3.10 MB`. */
export function bytes(value: number | null): string {
  if (value === null) return notAvailable;
  if (value < 1000) return `${Math.round(value)} B`;
  return value < 1_000_000 ? `${rate(value / 1000)} kB` : `${rate(value / 1_000_000)} MB`;
}

/** `2.97`: a ratio of two numbers. */
export function ratio(value: number): string {
  if (value >= 100) return grouped.format(value);
  return value.toFixed(value < 0.1 ? 3 : 2);
}

/** A tick of an axis: `0`, `50`, `1,000`, `0.05`; round by nature, so without the zeros of a measurement. */
export function tick(value: number): string {
  const round = Number(value.toPrecision(3));
  return round >= 1000 ? grouped.format(round) : String(round);
}

/** A tick of an axis of milliseconds: `50 ms`, `2 s`. */
export function millisecondsTick(value: number): string {
  return value < 1000 ? `${tick(value)} ms` : `${tick(value / 1000)} s`;
}

/** A moment on a time axis, from milliseconds: `1.25 s`. */
export function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}
