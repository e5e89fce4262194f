import { monotonicMs } from "../base/clock.ts";
import { seededRandom } from "../base/random.ts";
import type { Verdict } from "../checks/check.ts";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import type { ControlDatabase } from "../service/control-database.ts";
import type { Claimer } from "./claimer.ts";
import type { CrashableServer, CrashGrain, SavedCrashes } from "./crash/crash-exploration.ts";
import type { CrashSummary } from "./crash/crash-summary.ts";
import type { Counterexample, PlayFacts } from "./counterexample/counterexample.ts";
import { explore } from "./exploration.ts";
import type { Explored } from "./exploration.ts";
import type { Guarantee } from "./guarantee.ts";
import { programs } from "./programs.ts";
import type { ProgramName } from "./programs.ts";
import type { SavedTree, TreeCounts } from "./search/tree.ts";
import { shrink } from "./shrink.ts";
import { Tally } from "./tally.ts";
import type { Counts, PropertyTally } from "./tally.ts";
import { Theatre } from "./theatre.ts";

export interface ExploreRequest {
  readonly strategy: Claimer;
  /** As it was named. */
  readonly reference: string;
  readonly program: ProgramName;
  readonly bots: number;
  readonly jobs: number;
  readonly constraints: boolean;
  /** One bot crashes. */
  readonly crashes: boolean;
  /** Absent: at messages for one bot, at statements for several. */
  readonly crashGrain?: CrashGrain | undefined;
  readonly budgetMs: number;
  readonly prunes: boolean;
  readonly seed: number;
  readonly stepMs: number;
  /** For each property that is broken: to look for a smaller schedule. */
  readonly shrinkMs: number;
  readonly saved?: SavedExploration | SavedCrashes | undefined;
}

export interface ExploreContext {
  readonly address: PostgresAddress;
  readonly control: ControlDatabase;
  readonly signal: AbortSignal;
  /** May be crashed, where crashes are explored; absent: it is not ours alone. */
  readonly server?: CrashableServer | undefined;
  readonly onSchedule?: (counts: Counts) => void;
}

/** What `--resume` goes on from. */
export interface SavedExploration {
  readonly kind: "orders";
  readonly tree: SavedTree;
  readonly tally: ReturnType<Tally["save"]>;
}

/** One strategy, explored; one of `explorations` in the document that `explore --json` prints. */
export interface Exploration {
  readonly strategy: string;
  readonly summary: string;
  /** Null: a module says nothing of itself. */
  readonly declared: Claimer["verdict"];
  readonly program: ProgramName;
  readonly bots: number;
  readonly jobs: number;
  readonly constraints: boolean;
  readonly verdict: Verdict;
  /** One sentence: why. */
  readonly reason: string;
  /** Strongest first. */
  readonly guarantees: readonly Guarantee[];
  readonly schedules: Counts & TreeCounts & { readonly begun: number };
  readonly properties: readonly PropertyTally[];
  /** Bots may stand for each other, and only one of each set of like schedules was carried out. */
  readonly areAlike: boolean;
  /** How schedules came to no end. */
  readonly stuck: readonly string[];
  /** All of it; setting up and shrinking included. */
  readonly durationMs: number;
  /** Of one schedule, called off ones included. */
  readonly msEach: number;
  readonly counterexamples: readonly Counterexample[];
  /** Where crashes were explored: what they led to. */
  readonly crashes?: CrashSummary;
}

export interface StrategyExplored {
  readonly exploration: Exploration;
  /** Every outcome, and in how many schedules it was seen. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Null: nothing is left to be explored. */
  readonly left: SavedExploration | SavedCrashes | null;
}

/** Explores one strategy on the tables of the schema, which are made anew. HarnessError (usage) where it cannot be. */
export async function exploreStrategy(
  request: ExploreRequest,
  context: ExploreContext,
): Promise<StrategyExplored> {
  const startedAt = monotonicMs();
  const { theatre, tally } = await openTheatre(request, context, request.bots);
  const { bots, budgetMs, prunes, seed } = request;
  const saved = request.saved?.kind === "orders" ? request.saved : undefined;
  const exploringAt = monotonicMs();
  let explored: Explored;
  try {
    if (saved !== undefined) tally.restore(saved.tally);
    explored = await explore({
      theatre,
      tally,
      bots,
      budgetMs,
      prunes,
      random: seededRandom(seed, "pct"),
      signal: context.signal,
      saved: saved?.tree,
      onSchedule: () => context.onSchedule?.(tally.counts),
    });
  } finally {
    await theatre[Symbol.asyncDispose]();
  }
  const msEach = (monotonicMs() - exploringAt) / Math.max(1, explored.begun);
  const counterexamples = await shrunk(request, context, tally);
  const { left } = explored;
  return {
    exploration: {
      ...factsOf(request),
      ...verdictOf(tally, explored, theatre.strayed),
      guarantees: explored.guarantees,
      schedules: { ...tally.counts, ...explored.tree, begun: explored.begun },
      properties: tally.byProperty(),
      areAlike: theatre.areAlike,
      stuck: tally.stuck,
      durationMs: Math.round(monotonicMs() - startedAt),
      msEach: Math.round(msEach * 100) / 100,
      counterexamples,
    },
    outcomes: tally.outcomes,
    left: left === null ? null : { kind: "orders", tree: left, tally: tally.save() },
  };
}

export function factsOf({ strategy, reference, program, bots, jobs, constraints }: ExploreRequest) {
  const { summary, verdict: declared } = strategy;
  return { strategy: reference, summary, declared, program, bots, jobs, constraints };
}

/** The same play for so many bots, with as many jobs to spare. */
async function openTheatre(
  request: ExploreRequest,
  { address, control }: ExploreContext,
  bots: number,
): Promise<{ theatre: Theatre; tally: Tally }> {
  const { strategy, reference, program, constraints, prunes, stepMs } = request;
  const jobs = Math.max(1, request.jobs - (request.bots - bots));
  const play = { strategy, program: programs[program], bots, jobs, constraints };
  const theatre = await Theatre.open({ play, address, control, fusesFreeSteps: prunes, stepMs });
  const { source } = theatre;
  const facts: PlayFacts = { reference, source, program, bots, jobs, constraints };
  return { theatre, tally: new Tally(facts, theatre.areAlike) };
}

async function shrunk(
  request: ExploreRequest,
  context: ExploreContext,
  tally: Tally,
): Promise<readonly Counterexample[]> {
  const found = tally.counterexamples;
  const smallest: Counterexample[] = [];
  for (const [property, counterexample] of found) {
    if (smallest.some(({ broken }) => broken.some((each) => each.property === property))) continue;
    if (context.signal.aborted) smallest.push(counterexample);
    else {
      const open = (bots: number): ReturnType<typeof openTheatre> =>
        openTheatre(request, context, bots);
      smallest.push(await shrink(counterexample, property, open, request.shrinkMs));
    }
  }
  return smallest;
}

export function brokenReason(tally: Tally): string {
  const { complete, broken } = tally.counts;
  const names = tally.byProperty().filter(({ brokenIn }) => brokenIn > 0);
  const texts = names.map(({ property, brokenIn }) => `${property} (${brokenIn})`);
  return `${broken} of ${complete} schedules break ${texts.join(", ")}`;
}

/** A schedule that breaks a property does so whatever else is not known. */
function verdictOf(
  tally: Tally,
  { guarantees }: Explored,
  strayed: Theatre["strayed"],
): { readonly verdict: Verdict; readonly reason: string } {
  const { complete, broken, stuck } = tally.counts;
  if (broken > 0) return { verdict: "violated", reason: brokenReason(tally) };
  if (stuck > 0) {
    const reason = `${stuck} schedules came to no end: ${tally.stuck[0]}`;
    return { verdict: "inconclusive", reason };
  }
  const [first] = strayed;
  if (first !== undefined) {
    const reason = `its code does not always do the same, told the same, so that not all of it was seen: ${first}`;
    return { verdict: "inconclusive", reason };
  }
  if (guarantees.some(({ kind }) => kind === "none")) {
    return { verdict: "inconclusive", reason: "it was ended before it had shown anything" };
  }
  if (!tally.byProperty().some(({ property }) => property === "single-grant")) {
    return { verdict: "inconclusive", reason: "in no schedule was a job granted" };
  }
  return { verdict: "passed", reason: `none of ${complete} schedules breaks a property` };
}
