import { nsPerMs } from "../base/clock.ts";
import { milliseconds } from "./number.ts";
import type { Violation } from "./result.ts";

export type EvidenceEvent = Violation["events"][number];

/** One event of a piece of evidence, in words for a table's row. */
export interface EventText {
  /** The first event's time from the start of the run; the later ones' distance from the first. */
  readonly at: string;
  /** `bot 4`, or empty for what the harness did itself. */
  readonly who: string;
  /** `claim ok, job 17, attempt 1`. */
  readonly what: string;
}

const nsPerSecond = 1000 * nsPerMs;

export function eventTexts(events: readonly EvidenceEvent[]): readonly EventText[] {
  const first = events[0]?.t ?? 0;
  return events.map((event, place) => ({
    at:
      place === 0
        ? `${(event.t / nsPerSecond).toFixed(3)} s`
        : `+${milliseconds((event.t - first) / nsPerMs)}`,
    who: typeof event["bot"] === "number" ? `bot ${event["bot"]}` : "",
    what: describe(event),
  }));
}

/** `job 17 · bots 4, 9 · attempts 1, 1`; empty where the case names none. */
export function caseSubject(violation: Violation): string {
  const parts = [
    violation.job === undefined ? "" : `job ${violation.job}`,
    listed("bot", violation.bots),
    listed("attempt", violation.attempts),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function listed(noun: string, numbers: readonly number[] | undefined): string {
  if (numbers === undefined || numbers.length === 0) return "";
  return `${noun}${numbers.length === 1 ? "" : "s"} ${numbers.join(", ")}`;
}

function describe(event: EvidenceEvent): string {
  const parts = [`${event.op} ${event.type}`];
  for (const key of ["job", "attempt"]) {
    if (typeof event[key] === "number") parts.push(`${key} ${event[key]}`);
  }
  if (typeof event["code"] === "string") parts.push(event["code"]);
  const detail = describeDetail(event["detail"]);
  if (detail !== "") parts.push(detail);
  return parts.join(", ");
}

/** Details are small records: their fields in a row, cut where they would fill the page. */
function describeDetail(detail: unknown): string {
  const text = flattened(detail);
  return text.length <= detailLimit ? text : `${text.slice(0, detailLimit)}…`;
}

const detailLimit = 240;

/** `what agreement, count 2, rows (job 31, bot 5; job 32)`. */
function flattened(value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return `(${value.map(flattened).join("; ")})`;
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, field]) => `${key} ${flattened(field)}`)
    .join(", ");
}
