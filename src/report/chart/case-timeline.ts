import { nsPerMs } from "../../base/clock.ts";
import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";
import { millisecondsTick } from "../number.ts";
import type { Violation } from "../result.ts";
import { bottomAxis } from "./axis.ts";
import { commitText } from "../commit-text.ts";
import { botOperations } from "./bot-operations.ts";
import type { BotOperation } from "./bot-operations.ts";
import type { Drawing } from "./figure.ts";
import { linearScale } from "./scale.ts";
import { position } from "./series.ts";

const left = 62;
const right = 24;
const barHeight = 12;
const labelHeight = 15;
/** About what a character of the labels is wide. */
const characterWidth = 7.3;

interface Lane {
  readonly bot: number;
  readonly operations: readonly PlacedOperation[];
  readonly height: number;
}

interface PlacedOperation {
  readonly operation: BotOperation;
  readonly x: number;
  readonly width: number;
  readonly labelX: number;
  /** 0 right below the bar; more where the label before it is still in the way. */
  readonly labelLine: number;
}

/**
 * The bots of one violation, a lane each, their operations as bars from asking to answer:
 *
 * ```
 *   bot 4   ▐██████ claim ok, job 17 (granted)
 *   bot 9      ▐███████ claim ok, job 17 (granted again)
 *           0 ms      2 ms       4 ms
 * ```
 */
export function caseTimeline(violation: Violation, width: number): Drawing {
  const operations = botOperations(violation);
  const [from, to] = spanOf(operations);
  const end = width - right;
  const time = linearScale(
    { low: 0, high: (to - from) / nsPerMs || 1, start: left, end },
    width > 500 ? 6 : 3,
  );
  const lanes = lanesOf(operations, (ns) => time.at((ns - from) / nsPerMs), end);
  const bottom = lanes.reduce((sum, lane) => sum + lane.height, 4);
  const frame = { left, right: end, top: 0, bottom };
  let top = 4;
  const drawn = lanes.map((lane) => {
    const commits = commitMarks(violation, lane.bot, {
      top,
      at: (ns) => time.at((ns - from) / nsPerMs),
    });
    const content = markup`${laneMarkup(lane, top)}${commits}`;
    top += lane.height;
    return content;
  });
  return {
    height: bottom + 22,
    content: markup`${bottomAxis(frame, time, millisecondsTick)}${secondGrantLine(lanes, bottom)}${drawn}`,
  };
}

function spanOf(operations: readonly BotOperation[]): [from: number, to: number] {
  let [from, to] = [Infinity, -Infinity];
  for (const operation of operations) {
    from = Math.min(from, operation.fromNs);
    to = Math.max(to, operation.toNs);
  }
  return Number.isFinite(from) ? [from, to] : [0, 0];
}

function lanesOf(
  operations: readonly BotOperation[],
  at: (ns: number) => number,
  end: number,
): readonly Lane[] {
  const bots = [...new Set(operations.map((operation) => operation.bot))];
  return bots.map((bot) => {
    const placed = placeLabels(
      operations.filter((operation) => operation.bot === bot),
      at,
      end,
    );
    const lines = Math.max(0, ...placed.map((each) => each.labelLine)) + 1;
    return { bot, operations: placed, height: barHeight + lines * labelHeight + 10 };
  });
}

/** Each label starts where its bar does, or further left at the edge, on the first line where it is in nobody's way. */
function placeLabels(
  operations: readonly BotOperation[],
  at: (ns: number) => number,
  end: number,
): readonly PlacedOperation[] {
  const occupiedTo: number[] = [];
  return operations.map((operation) => {
    const x = at(operation.fromNs);
    const labelWidth = operation.label.length * characterWidth;
    const labelX = Math.max(left, Math.min(x, end + right - labelWidth));
    let labelLine = 0;
    while ((occupiedTo[labelLine] ?? -Infinity) > labelX) labelLine++;
    occupiedTo[labelLine] = labelX + labelWidth + characterWidth;
    return { operation, x, width: Math.max(3, at(operation.toNs) - x), labelX, labelLine };
  });
}

function laneMarkup({ bot, operations, height }: Lane, top: number): Markup {
  const bars = operations.map(({ operation, x, width, labelX, labelLine }) => {
    const { grant, tone, label } = operation;
    const labelY = top + barHeight + (labelLine + 1) * labelHeight - 3;
    return markup`<rect class="operation ${tone}" x="${position(x)}" y="${top}" width="${position(width)}" height="${barHeight}"/>${grant !== null && grantMark(grant, x + width, top)}<text class="operation-label ${grant === "again" && "again"}" x="${position(labelX)}" y="${labelY}">${label}</text>`;
  });
  return markup`<g><text class="lane-name" x="4" y="${top + 10}">bot ${bot}</text><line class="lane" x1="0" x2="100%" y1="${top + height - 5}" y2="${top + height - 5}"/>${bars}</g>`;
}

/** A disc where the job was granted, a larger diamond where it was granted again. */
function grantMark(grant: "first" | "again", x: number, top: number): Markup {
  const y = top + barHeight / 2;
  return grant === "first"
    ? markup`<circle class="grant" cx="${position(x)}" cy="${y}" r="5"/>`
    : markup`<path class="grant again" transform="translate(${position(x)} ${y})" d="M0-8L8 0L0 8L-8 0z"/>`;
}

/** An upright line where the database committed what the lane's bot did to the job. */
function commitMarks(
  { commits = [] }: Violation,
  bot: number,
  { top, at }: { readonly top: number; readonly at: (ns: number) => number },
): readonly Markup[] {
  return commits
    .filter((change) => change.at !== null && change["bot"] === bot)
    .map((change) => {
      const x = position(at(change.at ?? 0));
      return markup`<line class="commit" x1="${x}" x2="${x}" y1="${top - 3}" y2="${top + barHeight + 3}"><title>the database: ${commitText(change)}</title></line>`;
    });
}

function secondGrantLine(lanes: readonly Lane[], bottom: number): Markup | undefined {
  const again = lanes
    .flatMap((lane) => lane.operations)
    .find(({ operation }) => operation.grant === "again");
  if (again === undefined) return undefined;
  const x = position(again.x + again.width);
  return markup`<line class="second-grant" x1="${x}" x2="${x}" y1="0" y2="${bottom}"/>`;
}
