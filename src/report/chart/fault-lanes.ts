import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";
import { seconds } from "../number.ts";
import { spanRecoveryText } from "../recovery-text.ts";
import type { FaultResult } from "../result.ts";
import type { Scale } from "./scale.ts";
import { position } from "./series.ts";

/** When one fault was there, in one round. */
export interface FaultLane {
  readonly name: string;
  readonly spans: FaultResult["spans"];
}

export interface LanesLayout {
  readonly left: number;
  readonly right: number;
  readonly laneHeight: number;
}

/** One lane a fault: its name, above the line on which `faultMarks` stand. */
export function faultNames(
  lanes: readonly FaultLane[],
  { left, right, laneHeight }: LanesLayout,
): Markup[] {
  return lanes.map(({ name }, place) => {
    const top = place * laneHeight;
    return markup`<g><text class="fault-name" x="${left}" y="${top + 11}">${name}</text><line class="grid" x1="${left}" x2="${right}" y1="${top + 19}" y2="${top + 19}"/></g>`;
  });
}

/** A bar where a fault lasted, a mark where it struck; a thin line from there to where claims were back. */
export function faultMarks(
  lanes: readonly FaultLane[],
  time: Scale,
  laneHeight: number,
): readonly Markup[] {
  return lanes.flatMap(({ name, spans }, place) =>
    distinguishable(spans, time).map((span) => {
      const x = position(time.at(span.fromMs));
      const width = Math.max(2, position(time.at(span.toMs) - x));
      return markup`${recoveryLine(span, time, place * laneHeight + 19)}<rect class="fault-mark" x="${x}" y="${place * laneHeight + 15}" width="${width}" height="8"><title>${name}: ${spanText(span)}</title></rect>`;
    }),
  );
}

function recoveryLine(
  { toMs, recovery }: FaultResult["spans"][number],
  time: Scale,
  y: number,
): Markup | undefined {
  if (recovery?.kind !== "recovered") return undefined;
  const [from, to] = [toMs, toMs + recovery.afterHealMs].map((ms) => position(time.at(ms)));
  return markup`<path class="fault-recovery" d="M${from} ${y}H${to}"/>`;
}

/** The same spans behind the values: bands for faults that last, thin lines for those that strike. */
export function faultShades(
  lanes: readonly FaultLane[],
  time: Scale,
  { top, bottom }: { readonly top: number; readonly bottom: number },
): Markup[] {
  const spans = lanes.flatMap((lane) => distinguishable(lane.spans, time));
  return spans.map((span) => {
    const x = position(time.at(span.fromMs));
    const width = position(time.at(span.toMs) - x);
    const className = width < 2 ? "fault-moment" : "fault-band";
    return markup`<rect class="${className}" x="${x}" y="${top}" width="${Math.max(1, width)}" height="${bottom - top}"/>`;
  });
}

/** One mark a pixel: a fault that strikes every millisecond would make the file long and look no different. */
function distinguishable(spans: FaultResult["spans"], time: Scale): FaultResult["spans"] {
  let drawnTo = -1;
  return spans.filter(({ toMs }) => {
    const isHidden = Math.round(time.at(toMs)) <= drawnTo;
    if (!isHidden) drawnTo = Math.round(time.at(toMs));
    return !isHidden;
  });
}

function spanText({ fromMs, toMs, recovery }: FaultResult["spans"][number]): string {
  const when = fromMs === toMs ? `at ${seconds(fromMs)}` : `${seconds(fromMs)} to ${seconds(toMs)}`;
  return recovery === undefined ? when : `${when}; ${spanRecoveryText(recovery)}`;
}
