import { escaped } from "../report/markdown/escape.ts";
import { counted } from "./counterexample/counterexample-rows.ts";
import type { Exploration } from "./explore-strategy.ts";
import { guaranteeText } from "./guarantee.ts";

/** Every strategy in a line of a Markdown table: proved, or broken in how many schedules and how. */
export function explorationTable(explorations: readonly Exploration[]): string {
  const lines = explorations.map((exploration) => {
    const { strategy, declared, program } = exploration;
    return [strategy, declared ?? "", program, resultOf(exploration), smallestOf(exploration)];
  });
  const head = ["strategy", "says of itself", "program", "schedules", "smallest counterexample"];
  return tableOf(head, lines);
}

/** The same in three columns, for a page that has little room: all of them were explored in the same way. */
export function shortExplorationTable(explorations: readonly Exploration[]): string {
  const lines = explorations.map((exploration) => {
    const { strategy, declared } = exploration;
    const name = declared === "unsafe" ? `${strategy}, unsafe` : strategy;
    return [name, shortResultOf(exploration), smallestOf(exploration)];
  });
  return tableOf(["strategy", "every interleaving", "smallest counterexample"], lines);
}

function tableOf(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rows = [head, head.map(() => "---"), ...lines.map((line) => line.map(escaped))];
  return rows.map((row) => `| ${row.join(" | ")} |\n`).join("");
}

function shortResultOf({ verdict, declared, schedules, reason }: Exploration): string {
  const { complete, broken } = schedules;
  if (verdict === "violated") return `broken in ${broken} of ${complete}`;
  if (verdict === "inconclusive") return `inconclusive: ${reason}`;
  return declared === "unsafe" ? `not broken in ${complete}` : `proved in ${complete}`;
}

function resultOf(exploration: Exploration): string {
  const { verdict, declared, schedules, guarantees, bots, reason } = exploration;
  const { complete, broken } = schedules;
  const shown = guarantees.map((guarantee) => guaranteeText(guarantee, bots)).join("; ");
  if (verdict === "violated") return `broken in ${broken} of ${complete} (${shown})`;
  // Who says of himself that he is unsafe is not proved to be safe by what does not break him.
  if (verdict === "passed" && declared === "unsafe") return `not broken by ${complete}: ${shown}`;
  if (verdict === "passed") return `proved by ${complete}: ${shown}`;
  return `inconclusive: ${reason}`;
}

function smallestOf({ counterexamples }: Exploration): string {
  const texts = counterexamples.map(({ property, bots, steps, preemptions }) => {
    const sizes = [counted(bots, "bot"), counted(steps.length, "step")];
    return `${property}: ${[...sizes, counted(preemptions, "preemption")].join(", ")}`;
  });
  return texts.join("; ");
}
