import { areDependent, joinedFootprint } from "../footprint.ts";
import type { Footprint } from "../footprint.ts";
import { racesOf } from "./races.ts";
import { deedsOf, situationOf } from "./situation.ts";
import type { Deed } from "./situation.ts";
import type { Race, TraceStep } from "./races.ts";
import type { Happened, Point, Scheduler } from "../schedule.ts";

/**
 * How much of the tree is walked.
 *
 * - `all`: every order of the steps
 * - `reduced`: one of each set of orders that nobody can tell apart
 * - a number: every order in which bots that could have gone on are passed over at most so often
 */
export type Extent = "all" | "reduced" | number;

export interface TreeOptions {
  readonly extent: Extent;
  /** The first so many bots may stand for each other: of those that have not begun only one needs to begin. */
  readonly alike: number;
}

/** Where one more choice of a schedule is made; it is known by all that came before. */
interface Node {
  /** Steps that need not be taken here: what comes of them has been seen where they were taken earlier. */
  readonly asleep: ReadonlyMap<number, Footprint>;
  /** Passed over so far. */
  readonly preemptions: number;
  /** Null: nobody has been here yet. */
  choices: Choice[] | null;
  isDone: boolean;
  /** Where the schedule stands here, if the server may have got it here by chance. */
  readonly situation?: string | undefined;
}

interface Choice {
  readonly bot: number;
  /** It is to be tried. With `reduced`, the first is, and those that a race has asked for. */
  isWanted: boolean;
  readonly preemptions: number;
  footprint: Footprint | null;
  /** By what was observed: the server may decide by chance who of several waiting bots goes first. */
  readonly outcomes: Map<string, Node>;
  isDone: boolean;
  misses: number;
  /** Who waited when it was taken last. */
  waiting?: readonly number[];
}

/** A step of the schedule under way, and where it was chosen. */
interface Passed {
  readonly node: Node;
  readonly choice: Choice;
  readonly step: TraceStep;
}

/** A branch that the server takes by chance is waited for so often; then it is left, and counted. */
const mostMisses = 8;

/** What is known of a walk through the tree. */
export interface TreeCounts {
  /** Schedules that ran into what had been seen before, and were called off. */
  readonly redundant: number;
  /** Places where the server decided by chance. */
  readonly chances: number;
  /** Branches that were seen there and could not be met again, and of which no other schedule came to the same. */
  readonly unmet: number;
}

/** Where schedules stood after the server may have decided by chance. */
interface Situations {
  /** In how many places each was met that are not given up. */
  readonly met: Map<string, number>;
  /** Those from which everything has been walked, in one place at least. */
  readonly walked: Set<string>;
  /** Of branches that could not be met again; null: of what no other schedule comes to. */
  readonly left: (string | null)[];
}

/**
 * All schedules of a program as a tree, walked depth first, one schedule at a time from the top: the database cannot be
 * set back in the middle. What has been walked to its end is forgotten.
 *
 * Sleep sets (Godefroid 1996): when a step has been tried and the next one is tried in its place, the first sleeps until
 * a step comes that depends on it; an order that differs only in independent steps is then never begun. Which bots are
 * tried in a place at all is decided by the races of the schedules through it (source-DPOR, Abdulla et al. 2017). Bots that are
 * alike are begun in the order of their numbers: any other order is the same with other names.
 */
export class Tree {
  readonly #options: TreeOptions;
  readonly #root: Node;
  readonly #tried: Tried;

  constructor(options: TreeOptions, saved?: SavedTree) {
    this.#options = options;
    this.#root = saved === undefined ? newNode(new Map(), 0) : restoredNode(saved.root);
    this.#tried = triedIn(saved);
  }

  get counts(): TreeCounts {
    const { redundant, chances, situations } = this.#tried;
    const { left, walked } = situations;
    const unmet = left.filter((each) => each === null || !walked.has(each)).length;
    return { redundant, chances, unmet };
  }

  get isDone(): boolean {
    return this.#root.isDone;
  }

  /** What is still to be walked, and what is known of the rest. */
  save(): SavedTree {
    const { redundant, chances, situations } = this.#tried;
    const { met, walked, left } = situations;
    const saved = { met: [...met], walked: [...walked], left };
    return { root: savedNode(this.#root), redundant, chances, situations: saved };
  }

  /** A scheduler for the next schedule. It is to be ended when the schedule has. */
  walk(): TreeWalk {
    return new TreeWalk(this.#root, this.#options, this.#tried);
  }
}

/** What the walks have in common. */
interface Tried {
  redundant: number;
  chances: number;
  readonly situations: Situations;
}

export class TreeWalk implements Scheduler {
  readonly #options: TreeOptions;
  readonly #tried: Tried;
  readonly #path: Passed[] = [];
  readonly #deeds: Deed[] = [];
  #node: Node;
  #choice: Choice | undefined;
  /** Places where more than one bot could go on. */
  points = 0;

  constructor(root: Node, options: TreeOptions, tried: Tried) {
    this.#node = root;
    this.#options = options;
    this.#tried = tried;
  }

  pick(point: Point): number | null {
    const node = this.#node;
    if (point.enabled.length > 1) this.points++;
    const isNew = node.choices === null;
    node.choices ??= this.#choicesAt(node, point);
    const next = node.choices.find(({ isWanted, isDone }) => isWanted && !isDone);
    if (next === undefined) {
      if (isNew) this.#tried.redundant++;
      node.isDone = true;
      return null;
    }
    this.#choice = next;
    return next.bot;
  }

  /** Most of a schedule is the beginning of the one before. */
  get foreseen(): ReadonlySet<number> | undefined {
    const waiting = this.#choice?.waiting;
    return waiting && new Set(waiting);
  }

  took(happened: Happened): void {
    const { bot, footprint, observation, freed, waiting } = happened;
    const { choice } = this;
    this.#path.push({ node: this.#node, choice, step: { bot, footprint, freed } });
    this.#deeds.push(...deedsOf(happened));
    choice.waiting = [...waiting];
    choice.footprint = joinedFootprint([
      footprint,
      ...(choice.footprint ? [choice.footprint] : []),
    ]);
    let next = choice.outcomes.get(observation);
    if (next === undefined) {
      if (choice.outcomes.size > 0) this.#tried.chances++;
      next = this.#meet(choice, happened);
      choice.outcomes.set(observation, next);
    }
    if (next.isDone) this.#miss(choice);
    this.#node = next;
  }

  /** The schedule came to its end here, or cannot go on: whatever is walked to its end is closed. */
  end(isWhole: boolean): void {
    if (isWhole) this.#node.isDone = true;
    if (this.#options.extent === "reduced") this.#wantRaces();
    for (const { node, choice } of this.#path.toReversed()) {
      const outcomes = [...choice.outcomes.values()];
      choice.isDone ||= outcomes.length > 0 && outcomes.every(({ isDone }) => isDone);
      if (choice.isDone) choice.outcomes.clear();
      node.isDone = node.choices?.every((each) => each.isDone || !each.isWanted) ?? false;
    }
    this.#noteWalked();
  }

  get choice(): Choice {
    return this.#choice as Choice;
  }

  #choicesAt(node: Node, point: Point): Choice[] {
    const { extent, alike } = this.#options;
    const isFresh = (bot: number): boolean => bot <= alike && !point.started.has(bot);
    const first = point.enabled.find(({ bot }) => isFresh(bot));
    const worth = point.enabled.filter(({ bot }) => !isFresh(bot) || bot === first?.bot);
    const canGoOn = point.enabled.some(({ bot }) => bot === point.last);
    const choices = worth.map(({ bot, step }): Choice => {
      const isPreemption = canGoOn && bot !== point.last;
      return {
        bot,
        isWanted: true,
        preemptions: node.preemptions + (isPreemption ? 1 : 0),
        footprint: step.footprint,
        outcomes: new Map(),
        isDone: false,
        misses: 0,
      };
    });
    if (typeof extent === "number") return choices.filter((each) => each.preemptions <= extent);
    const awake = choices.filter(({ bot }) => !node.asleep.has(bot));
    if (extent === "reduced") for (const other of awake.slice(1)) other.isWanted = false;
    return awake;
  }

  /** Every race of the schedule is to be tried the other way round as well, where nothing that does so is tried yet. */
  #wantRaces(): void {
    for (const race of racesOf(this.#path.map(({ step }) => step))) {
      const { node } = this.#path[race.at] as Passed;
      const choices = node.choices ?? [];
      if ([...race.initials].some((bot) => node.asleep.has(bot))) continue;
      const fit = choices.filter(({ bot }) => race.initials.has(bot));
      if (fit.some(({ isWanted }) => isWanted)) continue;
      const [first] = fit;
      if (first !== undefined) first.isWanted = true;
      else this.#wantAll(race);
    }
  }

  /**
   * Nobody who could turn the race round can go on there: they wait, or are alike to another that has not begun. Then
   * everybody is tried who can go on, there and in the last place before it where the later one could.
   */
  #wantAll({ at, later }: Race): void {
    for (const choice of this.#path[at]?.node.choices ?? []) choice.isWanted = true;
    for (let earlier = at - 1; earlier >= 0; earlier--) {
      const { node, step } = this.#path[earlier] as Passed;
      if (step.bot === later) return;
      const choices = node.choices ?? [];
      const couldGoOn = choices.some(({ bot }) => bot === later) || node.asleep.has(later);
      if (!couldGoOn) continue;
      for (const choice of choices) choice.isWanted = true;
      return;
    }
  }

  /** What slept, and what has been tried here, sleeps on as long as nothing comes that depends on it. */
  #asleepAfter(choice: Choice, footprint: Footprint): ReadonlyMap<number, Footprint> {
    if (this.#options.extent !== "reduced") return new Map();
    const tried = (this.#node.choices ?? [])
      .filter((each) => each !== choice && each.isDone)
      .map(({ bot, footprint: its }) => [bot, its as Footprint] as const);
    const all = [...this.#node.asleep, ...tried];
    return new Map(all.filter(([, its]) => !areDependent(its, footprint)));
  }

  /** Somewhere nobody has been before. */
  #meet(choice: Choice, { footprint, freed, waiting }: Happened): Node {
    const asleep = this.#asleepAfter(choice, footprint);
    if (freed.length === 0) return newNode(asleep, choice.preemptions);
    const { alike, extent } = this.#options;
    const situation = situationOf(this.#deeds, waiting, alike);
    // Where passing over is counted, what can come after depends on how often that has been, and on who went last.
    const known =
      typeof extent === "number" ? `${situation} ${choice.preemptions} ${choice.bot}` : situation;
    const { met } = this.#tried.situations;
    met.set(known, (met.get(known) ?? 0) + 1);
    return newNode(asleep, choice.preemptions, known);
  }

  /**
   * What is left of the choice is behind another answer of the server than the one it gave. Where other schedules come to
   * the same that that answer led to, it need not be met again; else it is hoped for, but not for ever.
   */
  #miss(choice: Choice): void {
    const { met, left } = this.#tried.situations;
    const others = [...choice.outcomes.values()].filter(({ isDone }) => !isDone);
    const areMetElsewhere = others.every(
      ({ situation }) => situation !== undefined && (met.get(situation) ?? 0) > 1,
    );
    if (++choice.misses <= mostMisses && !areMetElsewhere) return;
    for (const { situation = null } of others) {
      left.push(situation);
      if (situation !== null) met.set(situation, (met.get(situation) ?? 1) - 1);
    }
    choice.isDone = true;
  }

  #noteWalked(): void {
    const passed = [...this.#path.map(({ node }) => node), this.#node];
    for (const { isDone, situation } of passed) {
      if (isDone && situation !== undefined) this.#tried.situations.walked.add(situation);
    }
  }
}

/** A tree as JSON. */
export interface SavedTree {
  readonly root: SavedNode;
  readonly redundant: number;
  readonly chances: number;
  readonly situations: {
    readonly met: readonly (readonly [string, number])[];
    readonly walked: readonly string[];
    readonly left: readonly (string | null)[];
  };
}

function triedIn(saved: SavedTree | undefined): Tried {
  const { met, walked, left } = saved?.situations ?? { met: [], walked: [], left: [] };
  const situations = { met: new Map(met), walked: new Set(walked), left: [...left] };
  return { redundant: saved?.redundant ?? 0, chances: saved?.chances ?? 0, situations };
}

/** A node as JSON; its branches that are done are only known to be. */
interface SavedNode {
  readonly asleep: readonly (readonly [bot: number, footprint: Footprint])[];
  readonly preemptions: number;
  readonly isDone: boolean;
  readonly choices: readonly SavedChoice[] | null;
  readonly situation?: string | undefined;
}

interface SavedChoice extends Omit<Choice, "outcomes"> {
  readonly outcomes: readonly (readonly [observation: string, node: SavedNode])[];
}

function savedNode({ asleep, preemptions, isDone, choices, situation }: Node): SavedNode {
  return {
    asleep: [...asleep],
    preemptions,
    isDone,
    choices:
      choices?.map((choice) => ({
        ...choice,
        outcomes: [...choice.outcomes].map(([observation, node]) => [observation, savedNode(node)]),
      })) ?? null,
    situation,
  };
}

function restoredNode({ asleep, preemptions, isDone, choices, situation }: SavedNode): Node {
  return {
    asleep: new Map(asleep),
    preemptions,
    isDone,
    choices:
      choices?.map((choice) => ({
        ...choice,
        outcomes: new Map(
          choice.outcomes.map(([observation, node]) => [observation, restoredNode(node)]),
        ),
      })) ?? null,
    situation,
  };
}

function newNode(
  asleep: ReadonlyMap<number, Footprint>,
  preemptions: number,
  situation?: string,
): Node {
  return { asleep, preemptions, choices: null, isDone: false, situation };
}
