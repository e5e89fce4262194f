import type { z } from "zod";

/**
 * What reading a scenario needs to know of each fault, by its name. The live half owns the faults and passes this in,
 * so that the offline half knows none of them.
 */
export type FaultCatalogue = Readonly<Record<string, FaultKind>>;

export interface FaultKind {
  /** One sentence, shown by editors. */
  readonly summary: string;
  /** The fault's own keys, beside the common ones of `fault-line.ts`. Unknown keys are refused whatever its mode. */
  readonly settings: z.ZodObject;
  /** `span`: lasts from `from` to `to`. `instant`: happens at a moment, once or again and again. */
  readonly moment: "span" | "instant";
  /** Where the bots must live that it aims at; absent: wherever they do. */
  readonly needsBots?: "in-hosts" | "in-process";
}
