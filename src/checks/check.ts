import type { HistoryEvent, Role } from "../history/event.ts";
import type { Question } from "../history/header.ts";
import type { JobKeys } from "../history/job-keys.ts";
import type { JobLogs } from "../history/job-logs.ts";
import type { EventWindow, Operations } from "../history/operations.ts";
import type { Rescues } from "../history/rescues.ts";
import type { Resolution } from "../history/witness-resolution.ts";
import type { Transitions } from "../history/witness-transitions.ts";
import type { WitnessChange } from "../history/witness-change.ts";
import type { RoundWitness } from "../history/witness.ts";
import type { Plan } from "../plan/plan.ts";

export type Verdict = "passed" | "violated" | "inconclusive";

/** One property of the system under test. Pure: evidence in, verdict out. A check that throws is inconclusive. */
export interface Check {
  readonly name: string;
  /** One sentence: what must hold. */
  readonly property: string;
  judge(evidence: Evidence): Judgement;
}

/** All that was recorded of one strategy in one run. */
export interface Evidence {
  readonly strategy: string;
  readonly role: Role;
  readonly plan: Plan;
  readonly rounds: readonly RoundEvidence[];
  /** Another system wrote the history: what it left out is not judged, where a run of ours would be inconclusive. */
  readonly foreign: boolean;
  /** What the doubletake that recorded the run could ask the tables. */
  readonly questions: readonly Question[];
}

/** One round: the events `from` (inclusive) to `to` (exclusive) of the run's table, and two ways to walk them. */
export interface RoundEvidence extends EventWindow {
  readonly round: number;
  readonly constraints: boolean;
  /** False: the run was cut short in the middle of it. */
  readonly isWhole: boolean;
  readonly operations: Operations;
  readonly logs: JobLogs;
  readonly rescues: Rescues;
  readonly keys: JobKeys;
  /** What the database itself recorded; null where nothing made it tell. */
  readonly witness: WitnessEvidence | null;
}

/** The witness of a round, and what it says of the operations whose answers were lost. */
export interface WitnessEvidence extends RoundWitness {
  readonly resolution: Resolution;
  readonly transitions: Transitions;
}

export type Judgement =
  | {
      readonly verdict: Verdict;
      /** How often the property was broken. */
      readonly count: number;
      /** At most `evidenceLimit` cases, the smallest set of events each. */
      readonly evidence: readonly Case[];
      /** What the reader should know: why inconclusive, what was counted. */
      readonly note?: string | undefined;
    }
  /** What the check is about does not occur in this scenario. */
  | { readonly verdict: "not-judged"; readonly reason: string };

/** One violation, told so that a person understands it without the history. */
export interface Case {
  readonly summary: string;
  readonly round: number;
  readonly job?: number | undefined;
  readonly bots?: readonly number[] | undefined;
  readonly attempts?: readonly number[] | undefined;
  readonly events: readonly HistoryEvent[];
  /** Where the database tells more than the bots: what it recorded, in commit order. */
  readonly changes?: readonly WitnessChange[] | undefined;
}

export const evidenceLimit = 5;
