import { position } from "./series.ts";

export interface LinePoint {
  readonly x: number;
  /** Null: nothing is known here, and the line is broken. */
  readonly y: number | null;
}

/** The `d` of a line's path. A point between two breaks is drawn as a short dash, or nobody would see it. */
export function linePath(points: readonly LinePoint[]): string {
  const commands: string[] = [];
  points.forEach(({ x, y }, place) => {
    if (y === null) return;
    const opens = isGap(points[place - 1]);
    commands.push(`${opens ? "M" : "L"}${position(x)} ${position(y)}`);
    if (opens && isGap(points[place + 1])) commands.push("m-2 0h4");
  });
  return commands.join("");
}

/** A line that keeps its value to the next point, as counts in buckets do; ends at `endX`. */
export function stepPath(points: readonly { x: number; y: number }[], endX: number): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const steps = rest.map(({ x, y }) => `H${position(x)}V${position(y)}`);
  return `M${position(first.x)} ${position(first.y)}${steps.join("")}H${position(endX)}`;
}

function isGap(point: LinePoint | undefined): boolean {
  return point === undefined || point.y === null;
}
