import { packageVersion } from "../../base/package-root.ts";
import type { Crash } from "../crash/crash.ts";
import type { ProgramName } from "../programs.ts";
import type { Broken, Judged } from "../judge-schedule.ts";
import { stepAt } from "../recording.ts";
import type { Schedule, TakenStep } from "../schedule.ts";
import type { JobRow } from "../stage.ts";
import type { StepResult } from "../door.ts";
import type { ModuleSource, Source } from "../scene.ts";

/** A recorded schedule that breaks a property: all that is needed to carry it out again. `docs/explore.md` describes the file. */
export interface Counterexample {
  readonly format: "doubletake-counterexample";
  readonly version: 1;
  readonly doubletake: string;
  readonly strategy: {
    /** As it was named: `naive`, `skip-locked+complete-unfenced`, `queue.sql`. */
    readonly reference: string;
    /** The whole file, so that the schedule can be carried out where the file is not; of a module, what its set-up sent. */
    readonly sql: string;
  };
  /** It is of a module, which is not carried out from this text but from its file. */
  readonly module?: ModuleSource | undefined;
  readonly program: ProgramName;
  readonly bots: number;
  readonly jobs: number;
  readonly constraints: boolean;
  /** It is the smallest schedule that was found to break this one. */
  readonly property: string;
  /** All that it breaks. */
  readonly broken: readonly Broken[];
  /** How often a bot that could have gone on was passed over. */
  readonly preemptions: number;
  readonly steps: readonly RecordedStep[];
  /** The jobs at the end. */
  readonly left: readonly JobRow[];
}

export interface RecordedStep {
  readonly bot: number;
  readonly name: string;
  /** What the session had sent before it since its last step, such as BEGIN. */
  readonly before: readonly string[];
  readonly sql: string;
  readonly values: readonly unknown[];
  /** The answer, in words; null: the bots came to no end, and it was never answered. */
  readonly saw: string | null;
  /** It waited for a lock, until the step of this number, from 1; null where it did not wait, or waited for ever. */
  readonly waitedUntil: number | null;
  readonly hasWaited: boolean;
  /** What was true when all was still again: to tell on replay whether the same happened. */
  readonly observation: string;
  /** What bots were told by their operations in this step. */
  readonly told: readonly { readonly bot: number; readonly text: string }[];
  /** The bot crashed in the middle of it. */
  readonly crash?: Crash | undefined;
}

export interface PlayFacts {
  readonly reference: string;
  readonly source: Source;
  readonly program: ProgramName;
  readonly bots: number;
  readonly jobs: number;
  readonly constraints: boolean;
}

export function counterexampleOf(
  facts: PlayFacts,
  property: string,
  { schedule, judged: { broken } }: { readonly schedule: Schedule; readonly judged: Judged },
): Counterexample {
  const { reference, source, program, bots, jobs, constraints } = facts;
  const { sql, module } = source;
  const told = toldBySteps(schedule);
  return {
    format: "doubletake-counterexample",
    version: 1,
    doubletake: packageVersion(),
    strategy: { reference, sql },
    ...(module === undefined ? {} : { module }),
    program,
    bots,
    jobs,
    constraints,
    property,
    broken,
    preemptions: schedule.preemptions,
    steps: schedule.steps.map((step, at) => recorded(step, told.get(at + 1) ?? [])),
    left: schedule.end.kind === "complete" ? schedule.end.state.jobs : [],
  };
}

function recorded(taken: TakenStep, told: RecordedStep["told"]): RecordedStep {
  const { bot, step, result, freedBy, hasWaited, observation, crash } = taken;
  return {
    bot,
    name: step.name,
    before: step.before,
    sql: step.statement.text,
    values: step.statement.values ?? [],
    saw: result === null ? null : sawText(result),
    waitedUntil: freedBy,
    hasWaited,
    observation,
    told,
    ...(crash === undefined ? {} : { crash }),
  };
}

const rowsShown = 3;

/** "job_id 1, attempt 1", "no row", "1 row", "40001 could not serialize access". */
function sawText(result: StepResult): string {
  if (result.kind === "error") return `${result.code} ${result.message}`;
  const { columns, rows, rowCount } = result.result;
  if (columns.length === 0)
    return rowCount === 0 ? "" : `${rowCount} row${rowCount === 1 ? "" : "s"}`;
  if (rows.length === 0) return "no row";
  const shown = rows
    .slice(0, rowsShown)
    .map((row) => columns.map((column, at) => `${column} ${String(row[at])}`).join(", "));
  const more = rows.length > rowsShown ? [`${rows.length - rowsShown} more`] : [];
  return [...shown, ...more].join("; ");
}

/** What operations told their bots, by the number of the step in which they did. */
function toldBySteps({
  steps,
  recording: { events },
}: Schedule): ReadonlyMap<number, RecordedStep["told"]> {
  const told = new Map<number, RecordedStep["told"]>();
  for (let event = 0; event < events.length; event++) {
    const type = events.type(event);
    if (type === "invoke" || type === "info" || events.op(event) === "enqueue") continue;
    const step = stepAt(events.t(event));
    // A rescue is no bot's: it is told to whoever took the step.
    const bot = events.bot(event) === -1 ? (steps[step - 1]?.bot ?? 1) : events.bot(event);
    const job = events.job(event) === -1 ? "" : ` job ${events.job(event)}`;
    const attempt = events.attempt(event) === -1 ? "" : ` attempt ${events.attempt(event)}`;
    const code = events.code(event) === undefined ? "" : ` (${events.code(event)})`;
    const text = `${events.op(event)} ${type}${job}${attempt}${code}`;
    told.set(step, [...(told.get(step) ?? []), { bot, text }]);
  }
  return told;
}
