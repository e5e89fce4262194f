import type { RunWatcher } from "../../run/run-scenario.ts";

/** What a run shows on stderr while it goes on; stdout is for the answer. */
export interface Progress extends RunWatcher, Disposable {
  message(line: string): void;
}
