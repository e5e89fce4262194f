import { z } from "zod";

/**
 * `index.json`: several scenarios run one after the other, version 1. `outcome` is a run's verdict, `missed` where every
 * property held and an expectation did not, `skipped` where the environment lacks what a scenario needs, and `failed`
 * where the run came to no end.
 */
const entry = z.object({
  scenario: z.string(),
  /** The question it asks. */
  description: z.string(),
  tags: z.array(z.string()),
  outcome: z.enum(["passed", "missed", "violated", "inconclusive", "skipped", "failed"]),
  exitCode: z.int(),
  durationMs: z.number(),
  /** The verdict in one sentence, or the reason why there is none. */
  headline: z.string(),
  /** The run's folder, relative to the index; null where nothing was recorded. */
  folder: z.string().nullable(),
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

/** How many runs came out in which way: "12 passed, 1 violated, 2 skipped". */
export function countsText({ runs }: Batch): string {
  const outcomes = ["passed", "missed", "violated", "inconclusive", "skipped", "failed"] as const;
  const counts = outcomes.map((outcome) => ({
    outcome,
    count: runs.filter((run) => run.outcome === outcome).length,
  }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${outcomeTexts[outcome].text.toLowerCase()}`)
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
} as const;
