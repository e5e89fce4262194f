import { z } from "zod";

/**
 * `index.json`: several scenarios run one after the other, version 1. `outcome` is a run's verdict, `missed` where every
 * property held and an expectation did not, `skipped` where the environment lacks what a scenario needs, `failed` where
 * the run came to no end, and `differs` where the same seed came out in several ways.
 */
const outcome = z.enum([
  "passed",
  "missed",
  "violated",
  "inconclusive",
  "skipped",
  "failed",
  "differs",
]);

/** One of several runs of a scenario with the same seed. */
const time = z.object({
  outcome,
  exitCode: z.int(),
  durationMs: z.number(),
  headline: z.string(),
  /** Relative to the index; null where nothing was recorded, or where an earlier time had come out in the same way. */
  folder: z.string().nullable(),
  strategies: z.array(
    z.object({
      name: z.string(),
      role: z.enum(["subject", "control"]),
      verdict: z.enum(["passed", "violated", "inconclusive"]),
      /** Names of the checks that were violated: what a control was caught by. */
      violated: z.array(z.string()),
      faults: z.array(z.object({ fault: z.string(), injected: z.int(), hit: z.int() })),
    }),
  ),
});

const entry = z.object({
  scenario: z.string(),
  /** The question it asks. */
  description: z.string(),
  tags: z.array(z.string()),
  outcome,
  exitCode: z.int(),
  durationMs: z.number(),
  /** The verdict in one sentence, or the reason why there is none. */
  headline: z.string(),
  /** The run's folder, relative to the index; null where nothing was recorded. */
  folder: z.string().nullable(),
  /** Absent: it was run once. `durationMs` is that of all of them, `folder` that of the first. */
  times: z.array(time).optional(),
});

export const batchSchema = z.object({
  schema: z.literal(1),
  doubletake: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  exitCode: z.int(),
  /** They were stopped before the last one. */
  interrupted: z.boolean(),
  runs: z.array(entry),
});

export type Batch = z.infer<typeof batchSchema>;
export type BatchEntry = Batch["runs"][number];
export type TimeEntry = NonNullable<BatchEntry["times"]>[number];

/** How many runs came out in which way: "12 passed, 1 violated, 2 skipped". */
export function countsText({ runs }: Batch): string {
  const counts = outcome.options.map((each) => ({
    text: outcomeTexts[each].text.toLowerCase(),
    count: runs.filter((run) => run.outcome === each).length,
  }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ text, count }) => `${count} ${text}`)
    .join(", ");
}

/** An outcome in words and with a symbol, so that no colour is needed. */
export const outcomeTexts = {
  passed: { text: "passed", symbol: "✓", tone: "good" },
  missed: { text: "EXPECTATION MISSED", symbol: "✗", tone: "bad" },
  violated: { text: "VIOLATED", symbol: "✗", tone: "bad" },
  inconclusive: { text: "inconclusive", symbol: "?", tone: "unsure" },
  skipped: { text: "skipped", symbol: "–", tone: "unsure" },
  failed: { text: "FAILED", symbol: "!", tone: "bad" },
  differs: { text: "NOT THE SAME", symbol: "≠", tone: "bad" },
} as const;
