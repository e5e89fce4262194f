import type { FaultSpec, Scenario } from "../scenario/scenario.ts";

/** A scenario expanded with its seed: what will be done, in order. The same scenario and seed give the same plan. */
export interface Plan {
  readonly scenario: Scenario;
  readonly seed: number;
  /** In the order in which they are run: A B B A A B. */
  readonly rounds: readonly PlannedRound[];
}

/** One strategy on fresh tables: the unit of replication. */
export interface PlannedRound {
  /** 0, 1, 2 … over the whole run. */
  readonly round: number;
  /** Which of the strategy's `repeat` rounds this is; rounds of one repeat are compared with each other. */
  readonly repeat: number;
  readonly strategy: string;
  readonly role: "subject" | "control";
  /** The strategy's second round of the same repeat, for calibration. */
  readonly isTwin?: true;
  readonly constraints: boolean;
  /** Seeds what is drawn during the round: bots, fault targets. The same in every round of one repeat. */
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
}

export interface PlannedFault {
  /** Unique in the plan: the kind and its place in the scenario, "kill-connection-2". */
  readonly id: string;
  readonly spec: FaultSpec;
  /** When to inject, ms from the start of the load, ascending, up to the load's deadline. */
  readonly injectAtMs: readonly number[];
  /** When to heal; null: when the load ends. Only faults that last are healed before. */
  readonly healAtMs: number | null;
  /** Injected once so many claims were granted, whenever that is; `injectAtMs` is then empty. */
  readonly afterClaims?: number;
}
