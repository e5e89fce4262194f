import { z } from "zod";

/** What `trend --json` prints, version 1. Times are in the units of result.json: milliseconds, and rates per second. */
const point = z.object({
  startedAt: z.iso.datetime(),
  /** The run folder, relative to the folder of all runs. */
  path: z.string(),
  verdict: z.enum(["passed", "violated", "inconclusive"]),
  /** Geometric mean of the rounds, with its 95 % interval where there are several. */
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

const changePoint = z.object({
  /** The first run of the new level, its place in `points`. */
  index: z.int(),
  startedAt: z.iso.datetime(),
  /** Geometric means of the levels on both sides, up to the change points next to it. */
  before: z.number(),
  after: z.number(),
  ratio: z.number(),
  direction: z.enum(["better", "worse"]),
  /** Probability of so large a difference if there were none, before the best of many places was chosen. */
  p: z.number(),
});

const series = z.object({
  scenario: z.string(),
  strategy: z.string(),
  metric: z.string(),
  better: z.enum(["higher", "lower"]),
  /** What the runs of a series share: a number from another machine or server is in a series of its own. */
  ranOn: z.string(),
  points: z.array(point),
  changePoints: z.array(changePoint),
});

export const trendSchema = z.object({
  schema: z.literal(1),
  doubletake: z.string(),
  path: z.string(),
  runs: z.int(),
  series: z.array(series),
  notes: z.array(z.string()),
});

export type Trend = z.infer<typeof trendSchema>;
export type TrendSeries = Trend["series"][number];
export type TrendPoint = TrendSeries["points"][number];
export type TrendChange = TrendSeries["changePoints"][number];
