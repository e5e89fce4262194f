import { oneLine } from "../../report/plain-text.ts";
import type { Paint } from "../../report/terminal/paint.ts";
import { counted } from "../counterexample/counterexample-rows.ts";
import { counterexampleText } from "../counterexample/counterexample-text.ts";
import type { ClassCoverage, Coverage, PairCounts } from "./coverage.ts";

/** More would be read by nobody; `--json` has all of them. */
const mostDrawn = 12;

/** The answer of `explore --coverage` for one strategy of the run. */
export function coverageText(strategy: string, coverage: Coverage, paint: Paint): string {
  const { classes, visited, possible, isWhole, pairs } = coverage;
  const all = `${isWhole ? "" : "at least "}${counted(classes.length, "class", "classes")}`;
  const perhaps = possible === 0 ? "" : `, and perhaps ${possible} more`;
  const never = classes.filter((each) => each.seen + each.possible === 0);
  const unsure = classes.filter((each) => each.seen === 0 && each.possible > 0);
  return [
    paint(
      "strong",
      oneLine(`${strategy}: the run visited ${visited} of ${all} of two bots' claims${perhaps}`),
    ),
    `  ${pairsText(pairs)}`,
    ...drawn("perhaps seen: the times of its statements do not tell it from another class", unsure),
    ...drawn("never seen, so luck has not tested it", never),
    "",
  ].join("\n");
}

function pairsText({ looked, certain, ambiguous, outside, leftOut }: PairCounts): string {
  const parts = [
    `${counted(looked, "pair")} of claims: ${certain} show their class`,
    `${ambiguous} leave it open`,
    `${outside} are of none (another claim, an empty table or a fault had a part in them)`,
    ...(leftOut > 0 ? [`${leftOut} more were not looked at`] : []),
  ];
  return parts.join(", ");
}

function drawn(head: string, classes: readonly ClassCoverage[]): readonly string[] {
  const texts = classes.slice(0, mostDrawn).map(({ example, possible }) => {
    const times = possible === 0 ? "" : ` (${counted(possible, "pair")})`;
    return `\n  ${head}${times}:\n${indented(counterexampleText(example))}`;
  });
  const more = classes.length - texts.length;
  return more === 0 ? texts : [...texts, `  ${more} more: see --json\n`];
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, "    ");
}
