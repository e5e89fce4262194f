import type { ProgramName } from "../../src/explore/programs.ts";
import { programs } from "../../src/explore/programs.ts";
import type { Program } from "../../src/explore/programs.ts";
import type { Extent } from "../../src/explore/search/tree.ts";
import { Tree } from "../../src/explore/search/tree.ts";
import { Tally } from "../../src/explore/tally.ts";
import { Theatre } from "../../src/explore/theatre.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import type { Strategy } from "../../src/service/strategy.ts";
import type { TestDatabase } from "../setup/database.ts";

export interface TreeTest {
  readonly strategy: string | Strategy;
  readonly program?: ProgramName | Program;
  readonly bots?: number;
  readonly jobs?: number;
  readonly extent?: Extent;
  /** BEGIN and the like are no steps of their own; with every order they are, unless this says otherwise. */
  readonly fusesFreeSteps?: boolean;
  /** The walk may end once this property is broken. */
  readonly until?: string;
}

/** A tree must end; one that does not is a mistake of the search, and must not hang the tests. */
const mostSchedules = 20_000;

export interface Walked {
  readonly tally: Tally;
  readonly tree: Tree;
  readonly begun: number;
}

/** Walks a whole tree: reduced, or with every step and every order where `extent` is `all`. */
export async function walkAll(database: TestDatabase, test: TreeTest): Promise<Walked> {
  const { bots = 2, extent = "reduced", program = "claim" } = test;
  const { strategy } = test;
  const play = {
    strategy: typeof strategy === "string" ? loadStrategy(strategy) : strategy,
    program: typeof program === "string" ? programs[program] : program,
    bots,
    jobs: test.jobs ?? bots + 1,
    constraints: false,
  };
  const theatre = await Theatre.open({
    ...database,
    play,
    fusesFreeSteps: test.fusesFreeSteps ?? extent !== "all",
    stepMs: 10_000,
  });
  const tally = new Tally(
    { ...play, program: "claim", reference: play.strategy.name, source: theatre.source },
    theatre.areAlike,
  );
  try {
    const alike = theatre.areAlike && extent !== "all" ? bots : 0;
    const tree = new Tree({ extent, alike });
    let begun = 0;
    const isFound = (): boolean =>
      test.until !== undefined && tally.counterexampleOf(test.until) !== undefined;
    for (; !tree.isDone && begun < mostSchedules && !isFound(); begun++) {
      const walk = tree.walk();
      const performance = await theatre.perform(walk);
      walk.end(performance.schedule.end.kind !== "called-off");
      tally.add(performance);
    }
    return { tally, tree, begun };
  } finally {
    await theatre[Symbol.asyncDispose]();
  }
}
