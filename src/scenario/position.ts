/** 1-based, in the scenario file. */
export interface Position {
  readonly line: number;
  readonly column: number;
}
