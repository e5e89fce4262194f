import { loadClaimer } from "../../src/explore/claimer.ts";
import { exploreWithCrashes } from "../../src/explore/crash/explore-with-crashes.ts";
import { exploreStrategy } from "../../src/explore/explore-strategy.ts";
import type {
  ExploreContext,
  ExploreRequest,
  StrategyExplored,
} from "../../src/explore/explore-strategy.ts";
import type { Program } from "../../src/explore/programs.ts";
import type { Counts } from "../../src/explore/tally.ts";

/** Every bot claims once, with a job to spare, and time for all that there is. */
export function requestOf(reference: string, other: Partial<ExploreRequest> = {}): ExploreRequest {
  const { bots = 2 } = other;
  return {
    strategy: loadClaimer(reference),
    reference,
    program: "claim",
    bots,
    jobs: bots + 1,
    constraints: false,
    crashes: false,
    budgetMs: 400_000,
    prunes: true,
    seed: 1,
    stepMs: 10_000,
    shrinkMs: 60_000,
    ...other,
  };
}

export interface Exploring {
  /** Ctrl-C after so many schedules; absent: there is none. */
  readonly endsAfter?: number | undefined;
  /** With crashes; absent: that of the request. */
  readonly program?: Program | undefined;
}

export async function explore(
  request: ExploreRequest,
  context: Omit<ExploreContext, "signal" | "onSchedule">,
  { endsAfter = Infinity, program }: Exploring = {},
): Promise<StrategyExplored> {
  const stopping = new AbortController();
  const onSchedule = ({ complete }: Counts): void => {
    if (complete >= endsAfter) stopping.abort();
  };
  const watched = { ...context, signal: stopping.signal, onSchedule };
  if (!request.crashes) return await exploreStrategy(request, watched);
  return await exploreWithCrashes(request, watched, program);
}

/** What an interrupted exploration left, as it comes back from its file. */
export function savedBy({ left }: StrategyExplored): NonNullable<StrategyExplored["left"]> {
  if (left === null) throw new Error("nothing was left");
  return JSON.parse(JSON.stringify(left)) as NonNullable<StrategyExplored["left"]>;
}
