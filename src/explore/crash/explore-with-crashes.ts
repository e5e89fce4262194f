import { monotonicMs } from "../../base/clock.ts";
import type { Verdict } from "../../checks/check.ts";
import type { PlayFacts } from "../counterexample/counterexample.ts";
import { brokenReason, factsOf } from "../explore-strategy.ts";
import type { ExploreContext, ExploreRequest, StrategyExplored } from "../explore-strategy.ts";
import type { Guarantee } from "../guarantee.ts";
import { recoveringProgram } from "../programs.ts";
import type { Program } from "../programs.ts";
import { Tally } from "../tally.ts";
import { Theatre } from "../theatre.ts";
import { missingClasses } from "./crash-class.ts";
import { exploreCrashes } from "./crash-exploration.ts";
import type { CrashableServer, CrashesExplored, CrashGrain } from "./crash-exploration.ts";
import type { CrashSummary } from "./crash-summary.ts";

/** Explores every crash of one bot, with its recovery. HarnessError (usage) where that cannot be done. */
export async function exploreWithCrashes(
  request: ExploreRequest,
  context: ExploreContext,
  program: Program = recoveringProgram(request.program, request.bots),
): Promise<StrategyExplored> {
  const startedAt = monotonicMs();
  const { bots, budgetMs } = request;
  const explored = await exploreCrashes({
    open: (server) => openTheatre({ request, context, program }, server),
    bots,
    isClaimOnly: request.program === "claim",
    grain: grainOf(request),
    budgetMs,
    signal: context.signal,
    server: context.server,
    onSchedule: (tally) => context.onSchedule?.(tally.counts),
    saved: request.saved?.kind === "crashes" ? request.saved : undefined,
  });
  const { tally, tree, begun } = explored;
  const durationMs = monotonicMs() - startedAt;
  const summary = summaryOf(request, explored, context.server !== undefined);
  return {
    exploration: {
      ...factsOf(request),
      ...verdictOf(explored, summary, bots),
      guarantees: guaranteesOf(explored, bots),
      schedules: { ...tally.counts, ...tree, begun },
      properties: tally.byProperty(),
      areAlike: false,
      stuck: tally.stuck,
      durationMs: Math.round(durationMs),
      msEach: Math.round((durationMs / Math.max(1, begun)) * 100) / 100,
      counterexamples: [...new Set(tally.counterexamples.values())],
      crashes: summary,
    },
    outcomes: tally.outcomes,
    left: explored.left,
  };
}

/** Interleavings with a crash at every message would be too many, and show nothing more to anybody. */
function grainOf({ bots, crashGrain }: ExploreRequest): CrashGrain {
  return crashGrain ?? (bots === 1 ? "messages" : "statements");
}

async function openTheatre(
  parts: {
    readonly request: ExploreRequest;
    readonly context: ExploreContext;
    readonly program: Program;
  },
  server: CrashableServer | undefined,
): Promise<{ theatre: Theatre; tally: Tally }> {
  const { request, context, program } = parts;
  const { strategy, reference, bots, jobs, constraints, stepMs } = request;
  const opensAnew = grainOf(request) === "messages";
  const play = { strategy, program, bots, jobs, constraints, crashes: { server, opensAnew } };
  // One bot alone may crash at BEGIN and at a COMMIT after nothing as well.
  const theatre = await Theatre.open({ ...context, play, fusesFreeSteps: bots > 1, stepMs });
  const facts: PlayFacts = {
    reference,
    source: theatre.source,
    program: request.program,
    bots,
    jobs,
    constraints,
  };
  return { theatre, tally: new Tally(facts, false) };
}

function summaryOf(
  { strategy, bots }: ExploreRequest,
  explored: CrashesExplored,
  hasServer: boolean,
): CrashSummary {
  const { classes, points: statements, messages, wanted, done, missed, commits } = explored;
  const isJudged = bots === 1 && commits > 0;
  return {
    statements,
    messages: messages === 0 ? null : messages,
    wanted,
    done,
    missed: missed.length,
    missedAt: missed,
    hasServerCrashes: hasServer && bots === 1,
    classes: [...classes].map(([name, seen]) => ({ name, seen })),
    missing: isJudged ? missingClasses(strategy, commits, new Set(classes.keys())) : [],
  };
}

function guaranteesOf(explored: CrashesExplored, bots: number): readonly Guarantee[] {
  const { points: statements, messages, done: crashes, wanted, preemptions: most } = explored;
  const isWhole = bots > 1 ? crashes > 0 : crashes === wanted;
  if (crashes === 0 || !isWhole) return [{ kind: "none" }];
  const each = messages === 0 ? {} : { messages };
  return [{ kind: "crash-points", statements, ...each, crashes, most }];
}

const mostNamed = 5;

/** A schedule that breaks a property does so whatever else is not known. */
function verdictOf(
  { tally, commits, left, preemptions }: CrashesExplored,
  { done, wanted, missed, missedAt, missing }: CrashSummary,
  bots: number,
): { readonly verdict: Verdict; readonly reason: string } {
  const { complete, broken, stuck } = tally.counts;
  if (broken > 0) return { verdict: "violated", reason: brokenReason(tally) };
  if (stuck > 0) {
    return inconclusive(`${stuck} schedules came to no end: ${tally.stuck[0]}`);
  }
  if (commits === 0) return inconclusive("undisturbed, the bot claimed nothing");
  if (missed > 0) {
    const which = missedAt.slice(0, mostNamed).join("; ");
    return inconclusive(`${missed} crashes did not happen when they were asked for: ${which}`);
  }
  if (done < wanted || done === 0) {
    const orders = bots > 1 ? ", in every order without preemptions" : "";
    return inconclusive(`the time was over after ${done} of ${wanted} crashes${orders}`);
  }
  // Of several bots, orders with few preemptions are done before the others are begun.
  if (left !== null && bots > 1 && preemptions !== null) return inconclusive("it was interrupted");
  if (missing.length > 0) return inconclusive(`no crash led to: ${missing.join("; ")}`);
  return {
    verdict: "passed",
    reason: `none of ${complete} schedules, with ${done} different crashes, breaks a property`,
  };
}

function inconclusive(reason: string): { readonly verdict: Verdict; readonly reason: string } {
  return { verdict: "inconclusive", reason };
}
