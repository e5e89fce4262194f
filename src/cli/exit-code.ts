import type { ErrorKind } from "../base/harness-error.ts";
import { HarnessError } from "../base/harness-error.ts";

/** What the command's exit status says; a CI job needs no more than this. */
export const exitCodes = {
  passed: 0,
  violated: 1,
  inconclusive: 2,
  /** A performance threshold or a regression bound was missed; every property held. */
  expectationMissed: 3,
  usage: 64,
  environment: 69,
  defect: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export function exitCodeOf(error: unknown): number {
  const kind: ErrorKind = error instanceof HarnessError ? error.kind : "defect";
  return exitCodes[kind];
}

/**
 * One exit code for several runs: a violation that was recorded is never hidden, then what kept a run from being
 * judged, then a missed expectation.
 */
export function worstExitCode(codes: readonly number[]): number {
  const order = [
    exitCodes.violated,
    exitCodes.interrupted,
    exitCodes.terminated,
    exitCodes.defect,
    exitCodes.environment,
    exitCodes.usage,
    exitCodes.inconclusive,
    exitCodes.expectationMissed,
  ];
  return order.find((code) => codes.includes(code)) ?? exitCodes.passed;
}
