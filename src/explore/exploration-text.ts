import { oneLine } from "../report/plain-text.ts";
import type { Paint } from "../report/terminal/paint.ts";
import { counted } from "./counterexample/counterexample-rows.ts";
import { counterexampleText } from "./counterexample/counterexample-text.ts";
import type { CrashSummary } from "./crash/crash-summary.ts";
import type { Exploration } from "./explore-strategy.ts";
import { guaranteeText } from "./guarantee.ts";

const tones = { passed: "good", violated: "bad", inconclusive: "unsure" } as const;

/** What it means for a strategy that says of itself that it is unsafe. */
const unsafeText = {
  violated: ", as it says of itself",
  passed: "; what it says of itself that breaks it is no order of these steps",
  inconclusive: "",
} as const;

/** The answer of `explore` for one strategy. */
export function explorationText(exploration: Exploration, paint: Paint): string {
  const { strategy, program, bots, jobs, verdict, reason, declared } = exploration;
  const head = `${strategy} (${program}): ${counted(bots, "bot")}, ${counted(jobs, "job")}`;
  const isRace = exploration.crashes === undefined;
  const expected = declared === "unsafe" && isRace ? unsafeText[verdict] : "";
  const lines = [
    paint("strong", oneLine(head)),
    `  ${paint(tones[verdict], verdict)}: ${oneLine(reason)}${expected}`,
    `  shown: ${shownText(exploration)}`,
    `  ${schedulesText(exploration)}`,
    ...(exploration.crashes === undefined ? [] : crashLines(exploration.crashes)),
  ];
  const tables = exploration.counterexamples.map(
    (counterexample) => `\n${indented(counterexampleText(counterexample))}`,
  );
  return `${[...lines, ...tables].join("\n")}\n`;
}

/** What is known of the schedules that were not carried out, with what the server decided by chance. */
export function shownText({ guarantees, bots, schedules }: Exploration): string {
  const texts = guarantees.map((guarantee) => guaranteeText(guarantee, bots));
  const { chances, unmet } = schedules;
  if (chances === 0) return texts.join("; ");
  const missed =
    unmet === 0
      ? ""
      : `, ${counted(unmet, "branch", "branches")} of which could not be met again, by no other order either`;
  return `${texts.join("; ")}; in ${counted(chances, "place")} the server went another way by chance${missed}`;
}

/** The table of classes: what the client knows, what the server did, and how many crashes led there. */
function crashLines({ classes, missing, hasServerCrashes }: CrashSummary): readonly string[] {
  if (classes.length + missing.length === 0) return [];
  const rows = [...classes, ...missing.map((name) => ({ name, seen: 0 }))];
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, seen }) => `    ${name.padEnd(width)}  ${seen}`);
  const left = hasServerCrashes ? [] : ["    the server was not crashed: it is not ours alone"];
  return ["  crashes in the claim led to:", ...lines, ...left];
}

function schedulesText({ schedules, areAlike, durationMs, msEach }: Exploration): string {
  const { complete, redundant, outcomes, deadlocked, stuck } = schedules;
  const parts = [
    `${counted(complete, "schedule")}${areAlike ? ", bots being alike" : ""}`,
    counted(outcomes, "outcome"),
    ...(redundant > 0 ? [`${redundant} more called off as seen before`] : []),
    ...(deadlocked > 0 ? [`${deadlocked} with a deadlock`] : []),
    ...(stuck > 0 ? [`${stuck} without an end`] : []),
    `${(durationMs / 1000).toFixed(1)} s`,
    `${msEach.toFixed(1)} ms each`,
  ];
  return parts.join(", ");
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
