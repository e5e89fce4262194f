import { millisecondsTick, seconds, tick } from "../number.ts";
import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";
import type { TimelineResult } from "../result.ts";
import { bottomAxis, frameTitle, leftAxis } from "./axis.ts";
import type { Frame } from "./axis.ts";
import { faultMarks, faultNames, faultShades } from "./fault-lanes.ts";
import type { FaultLane } from "./fault-lanes.ts";
import type { Drawing } from "./figure.ts";
import { linePath, stepPath } from "./line.ts";
import type { LinePoint } from "./line.ts";
import { linearScale, logScale } from "./scale.ts";
import type { Scale } from "./scale.ts";
import { position } from "./series.ts";
import type { Series } from "./series.ts";

export interface OverTimeParts {
  readonly timeline: TimelineResult;
  readonly series: Series;
  readonly lanes: readonly FaultLane[];
  /** Shared by the drawings that are to be compared. */
  readonly extent: Extent;
}

export interface Extent {
  readonly durationMs: number;
  readonly latencyMs: { readonly low: number; readonly high: number };
  readonly claimsPerSecond: number;
}

const left = 54;
const right = 36;
const laneHeight = 27;
const latencyHeight = 140;
const throughputHeight = 84;
const titleHeight = 26;

/**
 * One round over time: the faults on top, latency and throughput below them on the same time axis.
 *
 * ```
 *   kill-connection-3   | |  |   |  |
 *   latency  ──╲__╱──── p50   ┈┈┈ p99
 *   claims/s ▁▂▅▅▂▅▅
 *            0s    1s    2s
 * ```
 */
export function overTime(parts: OverTimeParts, width: number): Drawing {
  const lanesBottom = parts.lanes.length * laneHeight;
  const latency = frameBelow(lanesBottom, width, latencyHeight);
  const throughput = frameBelow(latency.bottom + 4, width, throughputHeight);
  const { durationMs } = parts.extent;
  const time = linearScale(
    { low: 0, high: durationMs, start: left, end: latency.right },
    width > 500 ? 8 : 4,
  );
  const axis = { ...throughput, top: latency.top };
  const content = markup`
${zoomable({ ...axis, top: 0 }, markup`${faultShades(parts.lanes, time, { top: lanesBottom, bottom: throughput.bottom })}${faultMarks(parts.lanes, time, laneHeight)}`)}
${faultNames(parts.lanes, { left, right: latency.right, laneHeight })}
${bottomAxis(axis, time, seconds)}
${latencyFrame(parts, latency, time)}
${throughputFrame(parts, throughput, time)}`;
  const { bucketMs } = parts.timeline;
  return {
    height: throughput.bottom + 22,
    content,
    time: { ...axis, top: latency.top, durationMs, bucketMs },
  };
}

/** What moves when a reader zooms in: clipped to its rectangle, in the coordinates of the drawing around it. */
function zoomable({ left: x, right: end, top, bottom }: Frame, content: Markup): Markup {
  const [width, height] = [end - x, bottom - top];
  return markup`<svg class="zoom" x="${x}" y="${top}" width="${width}" height="${height}" viewBox="${x} ${top} ${width} ${height}" preserveAspectRatio="none">${content}</svg>`;
}

function frameBelow(y: number, width: number, height: number): Frame {
  return { left, right: width - right, top: y + titleHeight, bottom: y + titleHeight + height };
}

function latencyFrame(
  { timeline, series, extent }: OverTimeParts,
  frame: Frame,
  time: Scale,
): Markup {
  const scale = logScale({ ...extent.latencyMs, start: frame.bottom, end: frame.top });
  const lines = [
    { name: "p50", values: timeline.p50 },
    { name: "p99", values: timeline.p99 },
    { name: "max", values: timeline.max },
  ].map(({ name, values }) => ({ name, points: points(values, timeline.bucketMs, time, scale) }));
  const paths = lines.map(
    ({ name, points: along }) =>
      markup`<path class="line ${series.className} ${name}" d="${linePath(along)}"/>`,
  );
  return markup`<g>${leftAxis(frame, scale, millisecondsTick)}${frameTitle(frame, "until a claim was granted")}${zoomable(frame, markup`${paths}`)}${endLabels(lines)}</g>`;
}

function points(
  values: readonly (number | null)[],
  bucketMs: number,
  time: Scale,
  scale: Scale,
): LinePoint[] {
  return values.map((value, bucket) => ({
    x: time.at((bucket + 0.5) * bucketMs),
    y: value === null ? null : scale.at(value),
  }));
}

/** Names at the ends of their lines, kept apart where the lines meet. */
function endLabels(lines: readonly { name: string; points: readonly LinePoint[] }[]): Markup[] {
  const ends = lines
    .map(({ name, points: along }) => ({ name, end: along.findLast((point) => point.y !== null) }))
    .filter(({ end }) => end !== undefined)
    .toSorted((one, other) => (one.end?.y ?? 0) - (other.end?.y ?? 0));
  let lowest = -Infinity;
  return ends.map(({ name, end }) => {
    const y = Math.max((end?.y ?? 0) + 4, lowest + 12);
    lowest = y;
    return markup`<text class="end-label" x="${position((end?.x ?? 0) + 6)}" y="${position(y)}">${name}</text>`;
  });
}

function throughputFrame(
  { timeline, series, extent }: OverTimeParts,
  frame: Frame,
  time: Scale,
): Markup {
  const range = { low: 0, high: extent.claimsPerSecond, start: frame.bottom, end: frame.top };
  const scale = linearScale(range, 3);
  const endX = time.at(timeline.claims.length * timeline.bucketMs);
  const steps = timeline.claims.map((claims, bucket) => ({
    x: time.at(bucket * timeline.bucketMs),
    y: scale.at((claims / timeline.bucketMs) * 1000),
  }));
  const line = stepPath(steps, endX);
  const area = line === "" ? "" : `${line}V${frame.bottom}H${frame.left}Z`;
  return markup`<g>${leftAxis(frame, scale, tick)}${frameTitle(frame, failedTitle(timeline))}${zoomable(frame, markup`<path class="area ${series.className}" d="${area}"/><path class="line ${series.className}" d="${line}"/>${failures(timeline, frame, time)}`)}</g>`;
}

function failedTitle(timeline: TimelineResult): string {
  const any = timeline.failed.some((failed) => failed > 0);
  return any ? "claims/s (✕ attempts failed or unknown)" : "claims/s";
}

/** A cross on the time axis where attempts failed or their outcome is not known. */
function failures(timeline: TimelineResult, frame: Frame, time: Scale): Markup[] {
  return timeline.failed.flatMap((failed, bucket) => {
    if (failed === 0) return [];
    const x = position(time.at((bucket + 0.5) * timeline.bucketMs));
    return [
      markup`<path class="failure" data-x="${x}" transform="translate(${x} ${position(frame.bottom - 4)})" d="M-3-3l6 6m0-6l-6 6"><title>${failed} failed or unknown</title></path>`,
    ];
  });
}
