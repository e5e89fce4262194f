import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";
import { bytes, count, seconds, tick } from "../number.ts";
import { bottomAxis, frameTitle, leftAxis } from "./axis.ts";
import type { Frame } from "./axis.ts";
import type { Drawing } from "./figure.ts";
import { linePath } from "./line.ts";
import { linearScale, linearTop } from "./scale.ts";
import type { Scale } from "./scale.ts";
import { dot } from "./series.ts";
import type { Series } from "./series.ts";

export interface GrowthLine {
  readonly series: Series;
  /** Rounds one after the other, each from its own zero. */
  readonly samples: readonly GrowthSample[];
}

export interface GrowthSample {
  readonly atMs: number;
  readonly deadTuples: number;
  readonly tableBytes: number;
  readonly indexBytes: number;
}

/** Dead rows above, bytes of table and indexes below, on one time axis: what a strategy leaves for vacuum. */
export function growth(lines: readonly GrowthLine[], width: number): Drawing {
  const samples = lines.flatMap((line) => line.samples);
  const above: Frame = { left: 62, right: width - 24, top: 24, bottom: 134 };
  const below: Frame = { ...above, top: 164, bottom: 274 };
  const durationMs = Math.max(1, ...samples.map(({ atMs }) => atMs));
  const time = linearScale(
    { low: 0, high: durationMs, start: above.left, end: above.right },
    width > 500 ? 8 : 4,
  );
  const content = markup`
${panel({ frame: above, title: "dead rows", lines, time, valueOf: ({ deadTuples }) => deadTuples, text: tick, name: (value) => `${count(value)} dead rows` })}
${panel({ frame: below, title: "table and indexes", lines, time, valueOf: sizeOf, text: bytes, name: bytes })}
${bottomAxis({ ...below, top: above.top }, time, seconds)}`;
  return { height: below.bottom + 22, content };
}

function sizeOf({ tableBytes, indexBytes }: GrowthSample): number {
  return tableBytes + indexBytes;
}

interface PanelParts {
  readonly frame: Frame;
  readonly title: string;
  readonly lines: readonly GrowthLine[];
  readonly time: Scale;
  readonly valueOf: (sample: GrowthSample) => number;
  readonly text: (value: number) => string;
  readonly name: (value: number) => string;
}

function panel({ frame, title, lines, time, valueOf, text, name }: PanelParts): Markup {
  const highest = Math.max(0, ...lines.flatMap((line) => line.samples.map(valueOf)));
  const range = { low: 0, high: linearTop(highest), start: frame.bottom, end: frame.top };
  const scale = linearScale(range, 3);
  const drawn = lines.map(({ series, samples }) => {
    const points = samples.map((sample) => ({
      x: time.at(sample.atMs),
      y: scale.at(valueOf(sample)),
      label: `${series.name} at ${seconds(sample.atMs)}: ${name(valueOf(sample))}`,
    }));
    const rounds = inRounds(samples.map(({ atMs }) => atMs)).map(([from, to]) =>
      linePath(points.slice(from, to)),
    );
    const dots = points.map(({ x, y, label }) => dot(series, x, y, label));
    return markup`<g data-strategy="${series.place}"><path class="line ${series.className}" d="${rounds.join("")}"/>${dots}</g>`;
  });
  return markup`<g>${leftAxis(frame, scale, text)}${frameTitle(frame, title)}${drawn}</g>`;
}

/** Where time begins anew, another round does, and no line leads there. */
function inRounds(times: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const starts = times.flatMap((atMs, place) =>
    place === 0 || atMs < (times[place - 1] ?? 0) ? [place] : [],
  );
  return starts.map((from, place) => [from, starts[place + 1] ?? times.length] as const);
}
