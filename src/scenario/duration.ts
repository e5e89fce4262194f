import { z } from "zod";
import { HarnessError } from "../base/harness-error.ts";
import { hinted } from "./problem.ts";

const msPerUnit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof msPerUnit;

const pattern = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h)$/;

/** A day: nothing a scenario waits for takes longer, and the sum of two still fits a 32-bit timer. */
export const longestMs = 24 * msPerUnit.h;

const howToWrite = "write a number and its unit: 5ms, 1.5s, 2m, 0s";

/**
 * A duration as scenarios write it ("5ms", "1.5s", "2m", "1h", "0s") → milliseconds. A bare number is refused, since
 * nobody can tell its unit; so is more than 24 hours. Usable in the settings of a fault.
 */
export const durationMs = z
  // A key that is missing is told as any other: it is no wrong duration.
  .string({ error: ({ input }) => (input === undefined ? undefined : notText(input)) })
  .regex(pattern, { error: ({ input }) => hinted(`"${input}" is not a duration`, howToWrite) })
  .transform((text, context) => {
    const ms = toMs(text) ?? 0;
    if (ms > longestMs) context.addIssue(tooLong(text));
    return ms;
  })
  .meta({ description: "A number and its unit: 5ms, 1.5s, 2m, 1h" });

/** A duration that is not zero, for what must last. */
export const positiveDurationMs = durationMs.refine((ms) => ms > 0, "must be longer than 0s");

/** Milliseconds of a duration given as an option; `where` names the option. HarnessError (usage) where it is none. */
export function parseDurationMs(text: string, where: string): number {
  const ms = toMs(text.trim());
  if (ms === undefined) {
    const what = `"${text}" is not a duration`;
    throw new HarnessError({ kind: "usage", what, where, hint: howToWrite });
  }
  if (ms > longestMs) throw new HarnessError({ kind: "usage", what: tooLong(text), where });
  return ms;
}

function tooLong(text: string): string {
  return `${text} is longer than 24h, the longest duration there is`;
}

function toMs(text: string): number | undefined {
  const match = pattern.exec(text);
  return match === null ? undefined : Number(match[1]) * msPerUnit[match[2] as Unit];
}

/** The shortest way to write a number of milliseconds exactly: 250 → "250ms", 1500 → "1.5s", 120000 → "2m". */
export function formatDurationMs(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < msPerUnit.s) return `${rounded(ms)}ms`;
  if (ms >= msPerUnit.h && ms % msPerUnit.h === 0) return `${ms / msPerUnit.h}h`;
  if (ms >= msPerUnit.m && ms % msPerUnit.m === 0) return `${ms / msPerUnit.m}m`;
  return `${rounded(ms / msPerUnit.s)}s`;
}

function rounded(value: number): number {
  return Math.round(value * 1_000_000) / 1_000_000;
}

function notText(input: unknown): string {
  if (typeof input !== "number") return hinted("expected a duration", howToWrite);
  return hinted(`${input} has no unit`, `write ${input}ms or ${input}s`);
}
