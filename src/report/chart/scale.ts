import { roundStep } from "../round-step.ts";

/** Maps values to positions in a drawing, and says where its axis is ticked. */
export interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

export interface ScaleRange {
  /** Values at the two ends. */
  readonly low: number;
  readonly high: number;
  /** Positions of the two ends; `start` may lie after `end`, as on a vertical axis. */
  readonly start: number;
  readonly end: number;
}

/** Ticked at about `ticks` round numbers. */
export function linearScale(range: ScaleRange, ticks: number): Scale {
  const span = range.high - range.low || 1;
  const step = roundStep(span / ticks);
  // The sliver keeps a tick that lies on an end and was missed by rounding.
  const first = Math.ceil(range.low / step - 1e-9);
  const last = Math.floor((range.low + span) / step + 1e-9);
  return {
    at: (value) => interpolate((value - range.low) / span, range),
    ticks: count(first, last).map((multiple) => multiple * step),
  };
}

/** For positive values; what lies below `low` is drawn at the start. Ticked at powers of ten, or at 1, 2, 5 of them. */
export function logScale(range: ScaleRange): Scale {
  const low = Math.log10(range.low);
  const span = Math.log10(range.high) - low || 1;
  const decades = count(Math.floor(low), Math.ceil(low + span));
  const mantissas = span < 3 ? [1, 2, 5] : [1];
  const ticks = decades.flatMap((decade) => mantissas.map((each) => each * 10 ** decade));
  return {
    at: (value) => interpolate((Math.log10(Math.max(value, range.low)) - low) / span, range),
    ticks: ticks.filter((tick) => tick >= range.low * 0.999 && tick <= range.high * 1.001),
  };
}

/** The bounds of a logarithmic axis that holds every value: the next 1, 2 or 5 times a power of ten outwards. */
export function logBounds(values: readonly number[]): { low: number; high: number } {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return { low: 1, high: 10 };
  const { low, high } = bounds(positive);
  const outer = { low: roundDown(low), high: roundStep(high * 1.0001) };
  return outer.low < outer.high ? outer : { low: outer.low, high: outer.low * 10 };
}

/** Without spreading: a list may be longer than a call may have arguments. */
function bounds(values: readonly number[]): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

function interpolate(part: number, { start, end }: ScaleRange): number {
  return start + Math.min(1, Math.max(0, part)) * (end - start);
}

function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const part = value / power;
  return power * ([5, 2].find((each) => part >= each) ?? 1);
}

function count(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => from + place);
}

/** The end of a linear axis that starts at zero: a tenth of a round number above the highest value. */
export function linearTop(highest: number): number {
  const fine = roundStep(highest > 0 ? highest : 1) / 10;
  const top = Math.max(fine, Math.ceil(highest / fine - 1e-9) * fine);
  return Number(top.toPrecision(12));
}
