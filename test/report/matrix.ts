import type { RunResult } from "../../src/report/result.ts";
import { sampleResult } from "./golden.ts";

/** A run of so many strategies, as a matrix of them has; the last one is the control. */
export function matrix(strategies: number): RunResult {
  const result = sampleResult("passed");
  const [subject, control] = result.strategies;
  const named = Array.from({ length: strategies - 1 }, (_, place) => ({
    ...subject!,
    name: `a-strategy-with-a-long-name-${place + 1}`,
  }));
  return { ...result, strategies: [...named, control!] };
}
