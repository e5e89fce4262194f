import { monotonicMs } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { Guarantee } from "./guarantee.ts";
import type { Scheduler } from "./schedule.ts";
import { PctScheduler, pctChance, pctChanceOf } from "./search/pct.ts";
import { Tree } from "./search/tree.ts";
import type { Extent, SavedTree, TreeCounts } from "./search/tree.ts";
import type { Tally } from "./tally.ts";
import type { Performance, Theatre } from "./theatre.ts";

export interface ExplorationOptions {
  readonly theatre: Theatre;
  readonly tally: Tally;
  readonly bots: number;
  /** For all phases together. */
  readonly budgetMs: number;
  /** False: every order is carried out, also those that nobody can tell apart. */
  readonly prunes: boolean;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Where an exploration that was interrupted goes on. */
  readonly saved?: SavedTree | undefined;
  readonly onSchedule?: () => void;
}

export interface Explored {
  readonly guarantees: readonly Guarantee[];
  readonly tree: TreeCounts;
  /** Schedules begun, called off ones included. */
  readonly begun: number;
  /** What is left of the tree, where it was not walked to its end. */
  readonly left: SavedTree | null;
}

/** Of the budget: walking the whole tree first, and where that is too much, all schedules of few preemptions. */
const treeShare = 0.6;
const boundsShare = 0.25;
const mostPreemptions = 3;
const pctDepth = 3;
/** A budget that is short must still allow a claim about something. */
const fewestPctRuns = 10;

/**
 * Walks the tree of all schedules. Where the budget does not reach, it says less, but something certain: first all
 * schedules of 0, 1, 2 … preemptions, each bound to its end before the next (Musuvathi and Qadeer, PLDI 2007), then
 * random ones, of which the chance to show a bug is known.
 */
export async function explore(options: ExplorationOptions): Promise<Explored> {
  return await new Exploration(options).go();
}

class Exploration {
  readonly #options: ExplorationOptions;
  readonly #startedAt = monotonicMs();
  #begun = 0;

  constructor(options: ExplorationOptions) {
    this.#options = options;
  }

  async go(): Promise<Explored> {
    const { prunes, saved, signal } = this.#options;
    const tree = this.#treeOf(prunes ? "reduced" : "all", saved);
    await this.#walk(tree, treeShare);
    const { counts } = tree;
    if (tree.isDone) return this.#explored([{ kind: "every-interleaving" }], counts, null);
    const left = tree.save();
    if (signal.aborted) return this.#explored([], counts, left);
    return this.#explored([...(await this.#bounds()), ...(await this.#pct())], counts, left);
  }

  async #bounds(): Promise<Guarantee[]> {
    let most = -1;
    for (let bound = 0; bound <= mostPreemptions; bound++) {
      const tree = this.#treeOf(bound);
      await this.#walk(tree, treeShare + boundsShare);
      if (!tree.isDone) break;
      most = bound;
    }
    return most < 0 ? [] : [{ kind: "preemptions", most }];
  }

  async #pct(): Promise<Guarantee[]> {
    const { bots, random, tally } = this.#options;
    const points = tally.counts.points;
    const sizes = { bots, points, depth: pctDepth };
    let runs = 0;
    while (this.#hasTime(1) || (runs < fewestPctRuns && !this.#options.signal.aborted)) {
      const scheduler = new PctScheduler({ ...sizes, random });
      const { schedule } = await this.#perform(scheduler);
      if (schedule.end.kind !== "stuck") runs++;
    }
    if (runs === 0) return [];
    const probability = pctChanceOf(runs, pctChance(sizes));
    return [{ kind: "pct", depth: pctDepth, runs, probability }];
  }

  async #walk(tree: Tree, share: number): Promise<void> {
    while (!tree.isDone && this.#hasTime(share)) {
      const walk = tree.walk();
      const { schedule } = await this.#perform(walk);
      walk.end(schedule.end.kind !== "called-off");
      this.#options.tally.notePoints(walk.points);
    }
  }

  async #perform(scheduler: Scheduler): Promise<Performance> {
    const { theatre, tally, onSchedule } = this.#options;
    const performance = await theatre.perform(scheduler);
    this.#begun++;
    tally.add(performance);
    onSchedule?.();
    return performance;
  }

  #treeOf(extent: Extent, saved?: SavedTree): Tree {
    const { theatre, prunes, bots } = this.#options;
    const alike = theatre.areAlike && prunes ? bots : 0;
    return new Tree({ extent, alike }, saved);
  }

  #hasTime(share: number): boolean {
    const { budgetMs, signal } = this.#options;
    return !signal.aborted && monotonicMs() - this.#startedAt < budgetMs * share;
  }

  #explored(guarantees: readonly Guarantee[], tree: TreeCounts, left: SavedTree | null): Explored {
    const reached: readonly Guarantee[] = guarantees.length > 0 ? guarantees : [{ kind: "none" }];
    return { guarantees: reached, tree, begun: this.#begun, left };
  }
}
