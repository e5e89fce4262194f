import type { Plan } from "../../plan/plan.ts";
import { paintFor } from "../../report/terminal/paint.ts";
import { LiveBlock } from "./live-block.ts";
import { PlainLines } from "./plain-lines.ts";
import type { Progress } from "./progress.ts";
import { Silence } from "./silence.ts";

/** On stderr, whatever stdout is for: a block where it can be redrawn, else lines. */
export function openProgress(plan: Plan, options: { readonly quiet: boolean }): Progress {
  if (options.quiet) return new Silence();
  const { stderr, env } = process;
  if (canRedraw(stderr, env)) return new LiveBlock(plan, stderr, paintFor(stderr, env));
  return new PlainLines(plan, (line) => void stderr.write(`${line}\n`));
}

/** A CI server may give a terminal and keep every line of it; a dumb terminal cannot go up. */
export function canRedraw(
  { isTTY }: { readonly isTTY?: boolean | undefined },
  environment: Readonly<NodeJS.ProcessEnv>,
): boolean {
  const { CI: ci, TERM: term } = environment;
  const isCi = ci !== undefined && ci !== "" && ci !== "false" && ci !== "0";
  return isTTY === true && !isCi && term !== "dumb";
}
