import type { RecordedStatement } from "../../history/statements.ts";
import type { RunClaim } from "./run-claims.ts";
import { isControlName, rowsText } from "./schedule-class.ts";
import type { ClassStatement, Said, ScheduleClass } from "./schedule-class.ts";

/** Two claims of a run, as the first and the second bot of a class. */
export type Pair = readonly [first: RunClaim, second: RunClaim];

/**
 * Whether two claims of a run may have gone as the class has it: both sent its statements and were told the same, and
 * there are moments, each between the sending and the answer of its statement, that have the order of the class.
 *
 * `steps`: names of all statements that are steps in some class; what else a bot sends commutes with everything.
 */
export function mayBe(
  pair: Pair,
  { statements, moments }: ScheduleClass,
  steps: ReadonlySet<string>,
): boolean {
  const jobs = new JobNames();
  const first = aligned(pair[0].statements, statements[0], { jobs, steps });
  const second = first && aligned(pair[1].statements, statements[1], { jobs, steps });
  if (first === undefined || second === undefined) return false;
  const places = [first, second] as const;
  const low = moments.map(({ bot, statement }) => placed(pair, places, bot, statement).from);
  const high = moments.map(({ bot, statement }) => placed(pair, places, bot, statement).to);
  if (!tighten(pair, places, { moments, low, high })) return false;
  return hasOrder(moments, low, high);
}

/** For each statement of the class, the place of the claim's. */
type Places = readonly number[];

function placed(
  pair: Pair,
  places: readonly [Places, Places],
  bot: number,
  statement: number,
): RecordedStatement {
  const at = places[bot as 0 | 1][statement] as number;
  return pair[bot as 0 | 1].statements[at] as RecordedStatement;
}

/** Undefined: the bot sent something else, or was told something else. */
function aligned(
  sent: readonly RecordedStatement[],
  wanted: readonly ClassStatement[],
  { jobs, steps }: { readonly jobs: JobNames; readonly steps: ReadonlySet<string> },
): Places | undefined {
  const places: number[] = [];
  let at = 0;
  const skip = (name?: string): void => {
    while (at < sent.length && isPassed(sent[at] as RecordedStatement, name, steps)) at++;
  };
  for (const { name, said, isControl } of wanted) {
    skip(name);
    const statement = sent[at];
    if (statement === undefined || statement.name !== name) return undefined;
    if (!isSaid(statement, said, isControl, jobs)) return undefined;
    places.push(at++);
  }
  skip();
  return at === sent.length ? places : undefined;
}

/** What is no step of its own, or nothing: a BEGIN, or the ROLLBACK of what the server has rolled back. */
function isPassed(
  { name, code }: RecordedStatement,
  wanted: string | undefined,
  steps: ReadonlySet<string>,
): boolean {
  if (name === wanted) return false;
  return !steps.has(name) || (isControlName(name) && code === undefined);
}

function isSaid(
  { rows = 0, job, code }: RecordedStatement,
  said: Said,
  isControl: boolean,
  jobs: JobNames,
): boolean {
  if (code !== undefined) return code === said.what;
  if (!isControl && rowsText(rows) !== said.what) return false;
  if (isControl && said.what !== "none" && said.what !== "some") return false;
  return jobs.areSame(job, said.job);
}

/** Jobs of a run, and those of an exploration that stand for them: one for one. */
class JobNames {
  readonly #there = new Map<number, number>();
  readonly #back = new Map<number, number>();

  areSame(run: number | undefined, explored: number | undefined): boolean {
    if (run === undefined || explored === undefined) return run === explored;
    const [there, back] = [this.#there.get(run), this.#back.get(explored)];
    if (there !== undefined || back !== undefined) return there === explored && back === run;
    this.#there.set(run, explored);
    this.#back.set(explored, run);
    return true;
  }
}

interface Bounds {
  readonly moments: ScheduleClass["moments"];
  readonly low: number[];
  readonly high: number[];
}

/**
 * Who was seen waiting for the other had begun to wait by then, and whoever set it free had not done so yet. False: the
 * class has no wait there.
 */
function tighten(pair: Pair, places: readonly [Places, Places], bounds: Bounds): boolean {
  const { moments, low, high } = bounds;
  for (const bot of [0, 1] as const) {
    const other = pair[(1 - bot) as 0 | 1];
    for (const { statement, from, to, waitsFor } of pair[bot].waits) {
      // Before or after that it waited for another claim of the other bot.
      const isMeant = waitsFor.includes(other.bot) && other.from <= from && to <= other.to;
      if (!isMeant) continue;
      const its = places[bot].indexOf(statement);
      const isIts = (at: number): boolean =>
        moments[at]?.bot === bot && moments[at]?.statement === its;
      const begin = moments.findIndex(({ kind }, at) => kind === "waits" && isIts(at));
      const end = moments.findIndex(({ kind }, at) => kind === "freed" && isIts(at));
      if (begin < 0 || end < 0) return false;
      high[begin] = Math.min(high[begin] as number, to);
      for (const at of [end, moments[end]?.freedBy ?? end]) {
        low[at] = Math.max(low[at] as number, from);
      }
    }
  }
  return true;
}

/** Each moment as early as it can be: if one is too late then, there is no such order. */
function hasOrder(
  moments: ScheduleClass["moments"],
  low: readonly number[],
  high: readonly number[],
): boolean {
  const earliest: number[] = [];
  for (const [at, { after }] of moments.entries()) {
    const its = Math.max(low[at] as number, ...after.map((before) => earliest[before] as number));
    if (its > (high[at] as number)) return false;
    earliest.push(its);
  }
  return true;
}
