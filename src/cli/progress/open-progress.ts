import { LiveLine } from "./live-line.ts";
import { PlainLines } from "./plain-lines.ts";
import type { Progress } from "./progress.ts";
import { Silence } from "./silence.ts";

export function openProgress(options: { readonly quiet: boolean }): Progress {
  if (options.quiet) return new Silence();
  const isTerminal = process.stderr.isTTY && process.env["CI"] === undefined;
  if (isTerminal) return new LiveLine(process.stderr);
  return new PlainLines((line) => void process.stderr.write(`${line}\n`));
}
