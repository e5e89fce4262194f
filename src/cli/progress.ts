import type { RunWatcher } from "../run/run-scenario.ts";
import { LiveLine } from "./progress/live-line.ts";
import { PlainLines } from "./progress/plain-lines.ts";
import { Silence } from "./progress/silence.ts";

/** What a run shows on stderr while it goes on; stdout is for the answer. */
export interface Progress extends RunWatcher, Disposable {
  message(line: string): void;
}

export function openProgress(options: { readonly quiet: boolean }): Progress {
  if (options.quiet) return new Silence();
  const isTerminal = process.stderr.isTTY && process.env["CI"] === undefined;
  if (isTerminal) return new LiveLine(process.stderr);
  return new PlainLines((line) => void process.stderr.write(`${line}\n`));
}
