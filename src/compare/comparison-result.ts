import { z } from "zod";

/**
 * What `compare --json` prints, version 1. `subject` and `control` of a comparison are `current` and `baseline`; the
 * rest of it has the shape that comparisons of result.json have.
 */
const decision = z.enum(["better", "same", "worse", "inconclusive"]);

const side = z.object({
  path: z.string(),
  /** Start of each run, the oldest first. */
  runs: z.array(z.iso.datetime()),
});

/** A check or an expectation whose verdict is not what it was. */
const change = z.object({
  scenario: z.string(),
  strategy: z.string(),
  /** A check's name, or the text of an expectation. */
  property: z.string(),
  kind: z.enum(["check", "control", "expectation", "strategy"]),
  baseline: z.string(),
  current: z.string(),
  decision,
});

const compared = z.object({
  scenario: z.string(),
  strategy: z.string(),
  metric: z.string(),
  subject: z.literal("current"),
  control: z.literal("baseline"),
  /** Geometric means, of rounds or of runs. */
  baselineMean: z.number().nullable(),
  currentMean: z.number().nullable(),
  /** current / baseline, with its 95 % interval. */
  ratio: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  significant: z.boolean(),
  /** Pairs that were run side by side; 0: the two sides were not. */
  pairs: z.int(),
  /** How large a difference does not matter. */
  margin: z.number(),
  decision,
  /** It is told, and the outcome does not depend on it. */
  advisory: z.boolean(),
});

export const comparisonResultSchema = z.object({
  schema: z.literal(1),
  doubletake: z.string(),
  baseline: side,
  current: side,
  verdict: decision,
  exitCode: z.int(),
  /** The verdict in one sentence. */
  headline: z.string(),
  /** Verdicts that were compared and are the same. */
  unchanged: z.int(),
  changes: z.array(change),
  comparisons: z.array(compared),
  notes: z.array(z.string()),
});

export type ComparisonDocument = z.infer<typeof comparisonResultSchema>;
export type ChangeResult = ComparisonDocument["changes"][number];
export type ComparedResult = ComparisonDocument["comparisons"][number];
export type Decision = z.infer<typeof decision>;
