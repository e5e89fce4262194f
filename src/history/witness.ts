import type { WitnessSource } from "./witness-change.ts";
import type { WitnessTable } from "./witness-table.ts";

/** Changes `from` (inclusive) to `to` (exclusive) of a table. */
export interface WitnessWindow {
  readonly changes: WitnessTable;
  readonly from: number;
  readonly to: number;
}

/** What the database recorded of one round, from its fresh tables on until no bot was left that could change them. */
export interface RoundWitness extends WitnessWindow {
  readonly round: number;
  readonly source: WitnessSource;
  readonly isWhole: boolean;
  readonly uncertaintyNs: number | null;
}

export interface Witness {
  readonly source: WitnessSource;
  readonly changes: WitnessTable;
  /** In the order they were run; a round that nothing was recorded of is not there. */
  readonly rounds: readonly RoundWitness[];
  /** What was wrong with it, one sentence each. */
  readonly warnings: readonly string[];
}
