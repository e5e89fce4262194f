import type { Strategy } from "../../service/strategy.ts";
import type { StepResult } from "../door.ts";
import { areDependent } from "../footprint.ts";
import type { Footprint } from "../footprint.ts";
import type { TakenStep } from "../schedule.ts";

/** What a statement was told, as far as a run and an exploration can be told the same: jobs have other numbers there. */
export interface Said {
  /** `some` and `none`: rows, returned or affected; else the code of an error. */
  readonly what: string;
  /** `job_id` of the first row. */
  readonly job: number | undefined;
}

/** A statement of one bot's claim. */
export interface ClassStatement {
  readonly name: string;
  readonly said: Said;
  /** COMMIT and ROLLBACK of a transaction. */
  readonly isControl: boolean;
}

/**
 * When something happened in the server, in the order of the schedule: a statement, or the commit that follows it by
 * itself; and where it had to wait, the moment when it was set free.
 */
export interface Moment {
  /** 0 or 1. */
  readonly bot: number;
  /** Which of the bot's statements it belongs to; an own commit belongs to what it commits. */
  readonly statement: number;
  readonly kind: "done" | "waits" | "freed";
  /** Moments that must come before it, by their places: the bot's last one, and those it depends on. */
  readonly after: readonly number[];
  /** Of one that was set free: the place of the step that did it. */
  readonly freedBy?: number;
}

/**
 * All schedules of two bots' claims that nobody can tell apart (a Mazurkiewicz trace): in which order dependent steps come,
 * and what each statement was told.
 */
export interface ScheduleClass {
  readonly statements: readonly [readonly ClassStatement[], readonly ClassStatement[]];
  readonly moments: readonly Moment[];
  /** The same for all schedules of the class, whoever of bots that are alike is first. */
  readonly key: string;
}

/** The class of a schedule of two bots that came to its end. */
export function classOfSchedule(
  taken: readonly TakenStep[],
  transaction: Strategy["transaction"],
  areAlike: boolean,
): ScheduleClass {
  const building = new Building(transaction);
  for (const [at, step] of taken.entries()) {
    building.take(step);
    for (const freed of taken.filter(({ freedBy }) => freedBy === at + 1)) building.free(freed);
  }
  const { statements, moments } = building;
  const orders = areAlike ? [bothWays[0], bothWays[1]] : [bothWays[0]];
  const [key = ""] = orders.map((order) => keyOf(statements, moments, order)).toSorted();
  return { statements, moments, key };
}

type Order = readonly [first: number, second: number];
const bothWays = [
  [0, 1],
  [1, 0],
] as const satisfies readonly Order[];

class Building {
  readonly statements: [ClassStatement[], ClassStatement[]] = [[], []];
  readonly moments: Moment[] = [];
  readonly #footprints: Footprint[] = [];
  readonly #places = new Map<TakenStep, number>();
  readonly #transaction: Strategy["transaction"];

  constructor(transaction: Strategy["transaction"]) {
    this.#transaction = transaction;
  }

  take(taken: TakenStep): void {
    const bot = taken.bot - 1;
    const statement = this.#statementOf(taken);
    const kind = taken.hasWaited ? "waits" : "done";
    this.#places.set(taken, this.moments.length);
    this.#push({ bot, statement, kind }, footprintOf(taken));
  }

  /** By the step that was taken last. */
  free(taken: TakenStep): void {
    const place = this.#places.get(taken) as number;
    const { bot, statement } = this.moments[place] as Moment;
    const freedBy = this.#lastOf(1 - bot);
    const kind = "freed";
    this.#push({ bot, statement, kind, ...(freedBy >= 0 && { freedBy }) }, footprintOf(taken));
  }

  #push(moment: Omit<Moment, "after">, footprint: Footprint): void {
    const own = this.#lastOf(moment.bot);
    const others = this.moments.flatMap(({ bot }, at) =>
      bot !== moment.bot && areDependent(this.#footprints[at] as Footprint, footprint) ? [at] : [],
    );
    const { freedBy } = moment;
    const after = [
      ...others,
      ...(own >= 0 ? [own] : []),
      ...(freedBy === undefined || others.includes(freedBy) ? [] : [freedBy]),
    ];
    this.moments.push({ ...moment, after });
    this.#footprints.push(footprint);
  }

  /** A new one, or that which commits here by itself. */
  #statementOf({ bot, step, result }: TakenStep): number {
    const own = this.statements[bot - 1] as ClassStatement[];
    const isControl = step.statement.name === undefined && isControlName(step.name);
    const said = saidOf(result);
    const last = own.at(-1);
    if (isControl && this.#transaction === "none" && last !== undefined) {
      // To a client it is one statement, and its commit may be what fails.
      if (result?.kind === "error") own[own.length - 1] = { ...last, said };
    } else own.push({ name: step.name, said, isControl });
    return own.length - 1;
  }

  #lastOf(bot: number): number {
    return this.moments.findLastIndex((moment) => moment.bot === bot);
  }
}

/** Whether it begins or ends a transaction. */
export function isControlName(name: string): boolean {
  return /^(begin|start|commit|end|rollback|abort)$/.test(name);
}

function footprintOf({ step, result }: TakenStep): Footprint {
  return result?.kind === "error" ? step.onError : step.footprint;
}

function saidOf(result: StepResult | null): Said {
  if (result === null) return { what: "nothing", job: undefined };
  if (result.kind === "error") return { what: result.code, job: undefined };
  const { columns, rows, rowCount } = result.result;
  const at = columns.indexOf("job_id");
  const job = at < 0 ? undefined : rows[0]?.[at];
  return { what: rowsText(rowCount), job: job === undefined ? undefined : Number(job) };
}

/** How many there are depends on how many jobs there are, which is not the same in a run. */
export function rowsText(rows: number): string {
  return rows > 0 ? "some" : "none";
}

/** Jobs are named in the order in which they are met, the first bot's first. */
function keyOf(
  statements: ScheduleClass["statements"],
  moments: readonly Moment[],
  order: Order,
): string {
  const names = new Map<number, number>();
  const named = (job: number | undefined): number | null => {
    if (job === undefined) return null;
    if (!names.has(job)) names.set(job, names.size);
    return names.get(job) as number;
  };
  const told = order.map((bot) =>
    statements[bot as 0 | 1].map(({ name, said }) => [name, said.what, named(said.job)]),
  );
  const places = order.map((bot) =>
    moments.flatMap((moment, at) => (moment.bot === bot ? [at] : [])),
  );
  const placeOf = (at: number): string => {
    const bot = order.indexOf((moments[at] as Moment).bot);
    return `${bot}.${places[bot]?.indexOf(at)}`;
  };
  const shapes = places.map((own) =>
    own.map((at) => {
      const { statement, kind, after } = moments[at] as Moment;
      return [statement, kind, after.map(placeOf).toSorted()];
    }),
  );
  return JSON.stringify([told, shapes]);
}
