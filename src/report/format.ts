import type { RunResult } from "./result.ts";

/** One way to write a result. Pure: the caller writes the files. */
export interface Format {
  readonly name: string;
  /** File name → content, relative to the run folder. */
  render(result: RunResult): Readonly<Record<string, string>>;
}
