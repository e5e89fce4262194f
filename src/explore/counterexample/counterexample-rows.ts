import { crashText } from "../crash/crash.ts";
import type { Counterexample, RecordedStep } from "./counterexample.ts";

/** What one bot does, sees or is told in a step, for a column of a table. */
export interface Cell {
  readonly bot: number;
  readonly text: string;
  /** `waits`: it was sent and waits; `told`: an operation told its bot something; `error`: the server refused it. */
  readonly kind: "step" | "waits" | "error" | "told";
}

export interface StepRow {
  /** From 1. */
  readonly number: number;
  readonly cells: readonly Cell[];
}

/** A counterexample as a table of steps, with what each bot saw: a waiting statement is answered where it was set free. */
export function rowsOf({ steps }: Counterexample): readonly StepRow[] {
  return steps.map((step, at) => {
    const number = at + 1;
    const freed = steps.filter(({ waitedUntil }) => waitedUntil === number);
    const cells = [
      ...(step.hasWaited ? [waiting(step)] : [answered(step)]),
      ...freed.map(answered),
    ];
    const told = step.told.map(({ bot, text }): Cell => ({ bot, text: `⇒ ${text}`, kind: "told" }));
    return { number, cells: [...cells, ...told] };
  });
}

function waiting({ bot, name, saw }: RecordedStep): Cell {
  return { bot, text: `${name} … waits${saw === null ? " for ever" : ""}`, kind: "waits" };
}

function answered({ bot, name, saw, hasWaited, crash }: RecordedStep): Cell {
  if (crash !== undefined) return { bot, text: `${name} ✗ ${crashText(crash)}`, kind: "error" };
  const text = `${hasWaited ? "… " : ""}${name}${saw === null || saw === "" ? "" : ` → ${saw}`}`;
  const isError = saw !== null && /^[0-9A-Z]{5} /.test(saw);
  return { bot, text, kind: isError ? "error" : "step" };
}

export function titleOf({
  strategy,
  program,
  bots,
  jobs,
  preemptions,
  steps,
}: Counterexample): string {
  const sizes = [
    counted(bots, "bot"),
    counted(jobs, "job"),
    counted(steps.length, "step"),
    counted(preemptions, "preemption"),
  ];
  return `${strategy.reference} (${program}): ${sizes.join(", ")}`;
}

export function counted(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}
