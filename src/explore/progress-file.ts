import { z } from "zod";
import { HarnessError } from "../base/harness-error.ts";
import { readJson } from "./counterexample/counterexample-file.ts";
import type { Exploration, ExploreRequest, StrategyExplored } from "./explore-strategy.ts";

/** An exploration that was interrupted: what was done, what was under way and what was still to come. */
export interface ExploreProgress {
  readonly format: "doubletake-exploration";
  readonly version: 1;
  readonly doubletake: string;
  readonly done: readonly Exploration[];
  /** The first of them was under way. */
  readonly left: readonly SavedRequest[];
  readonly saved: StrategyExplored["left"];
}

/** A strategy by its reference: its file is read again. */
export type SavedRequest = Omit<ExploreRequest, "strategy" | "saved">;

/** The tree and what was tallied are taken as they are: they only mean something to the version that wrote them. */
const schema = z.object({
  format: z.literal("doubletake-exploration"),
  version: z.literal(1),
  doubletake: z.string(),
  done: z.array(z.unknown()),
  left: z
    .array(z.object({ reference: z.string(), bots: z.int().min(1), jobs: z.int().min(1) }).loose())
    .min(1),
  saved: z.unknown(),
});

/** HarnessError (usage) where it is no such file, or was written by another version, whose tree would be misread. */
export function readProgress(file: string, version: string): ExploreProgress {
  const read = schema.safeParse(readJson(file, "what an interrupted `doubletake explore` saved"));
  if (read.success && read.data.doubletake === version)
    return read.data as unknown as ExploreProgress;
  const what = read.success
    ? `was saved by doubletake ${read.data.doubletake}, and this is ${version}`
    : "is not what an interrupted `doubletake explore` saved";
  throw new HarnessError({ kind: "usage", what, where: file, hint: "explore from the beginning" });
}
