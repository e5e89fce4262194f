import { count, duration, milliseconds, rate } from "../../report/number.ts";
import { oneLine } from "../../report/plain-text.ts";
import { width, wrap } from "../../report/terminal/layout.ts";
import type { Paint } from "../../report/terminal/paint.ts";
import type { FaultReading, Readings } from "../../report/live/round-meter.ts";
import type { RunState } from "./run-meter.ts";

/** Faults beyond these are counted: a block is a few lines, not a screen. */
const mostFaults = 4;

/** The block of a live view: at most as wide as the terminal, or its lines would wrap and could not be redrawn. */
export function statusLines(state: RunState, columns: number, paint: Paint): readonly string[] {
  const lines = [
    ...headLines(state, columns, paint),
    ...(state.readings === undefined ? [] : readingLines(state.readings, columns)),
    ...faultLines(state.readings?.faults ?? [], columns),
    ...violationLines(state, columns, paint),
  ];
  return lines;
}

/** Where the run stands, in words. */
export function phaseText({ round, rounds, phase, phaseMs }: RunState): string {
  if (round === undefined) return "starting PostgreSQL and the proxy";
  const place = `round ${round.round + 1}/${rounds} ${oneLine(round.strategy)}`;
  return phase === undefined ? place : `${place} · ${phase} ${duration(phaseMs)}`;
}

/** `1,204 granted, 12 lost · 812 claims/s · p50 4.10 ms · p99 22.0 ms`. */
export function readingText(readings: Readings): string {
  const { granted, lost, claimsPerSecond, p50Ms, p99Ms } = readings;
  const parts = [
    `${count(granted)} granted, ${count(lost)} lost`,
    ...(claimsPerSecond === null ? [] : [`${rate(claimsPerSecond)} claims/s`]),
    ...(p50Ms === null ? [] : [`p50 ${milliseconds(p50Ms)}`]),
    ...(p99Ms === null ? [] : [`p99 ${milliseconds(p99Ms)}`]),
  ];
  return parts.join(" · ");
}

/** `violations so far: naive (control) 31`. */
export function violationText({ doubleGrants }: RunState): string {
  const parts = doubleGrants.map(({ round, count: times }) => {
    const role = round.role === "control" ? " (control)" : "";
    return `${oneLine(round.strategy)}${role} ${count(times)}`;
  });
  return parts.length === 0 ? "" : `violations so far: ${parts.join(", ")}`;
}

function headLines(state: RunState, columns: number, paint: Paint): readonly string[] {
  const text = phaseText(state);
  const bar = progressBar(state.done, Math.min(30, columns - 7));
  if (width(text) + 2 + width(bar) <= columns) return [`${bar}  ${paint("strong", text)}`];
  return [bar, paint("strong", cut(text, columns))];
}

/** `██████▌░░░░░  43 %`, so many columns wide and five more. */
export function progressBar(done: number, columns: number): string {
  const full = Math.round(Math.min(1, Math.max(0, done)) * columns);
  const percent = `${Math.round(done * 100)} %`.padStart(5);
  return `${"█".repeat(full)}${"░".repeat(Math.max(0, columns - full))} ${percent}`;
}

function readingLines(readings: Readings, columns: number): readonly string[] {
  return wrapped(readingText(readings), columns);
}

function faultLines(faults: readonly FaultReading[], columns: number): readonly string[] {
  if (faults.length === 0) return [];
  const shown = faults
    .toSorted((one, other) => Number(other.stands) - Number(one.stands))
    .slice(0, mostFaults)
    .map(({ fault, stands, injected, hit }) => {
      const state = stands ? "on, " : "";
      return `${oneLine(fault)} ${state}injected ${count(injected)}, hit ${count(hit)}`;
    });
  const left = faults.length - shown.length;
  const more = left === 0 ? "" : `; ${left} more`;
  return wrapped(`faults: ${shown.join("; ")}${more}`, columns);
}

function violationLines(state: RunState, columns: number, paint: Paint): readonly string[] {
  const text = violationText(state);
  if (text === "") return [];
  const isBad = state.doubleGrants.some(({ round }) => round.role === "subject");
  return wrapped(text, columns).map((line) => (isBad ? paint("bad", line) : line));
}

function wrapped(text: string, columns: number): readonly string[] {
  return wrap(text, { columns, hanging: 2 }).map((line) => cut(line, columns));
}

/** A single word may be longer than the terminal is wide. */
function cut(line: string, columns: number): string {
  const characters = Array.from(line);
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join("")}…`;
}
