import type { WitnessSource } from "../../history/witness-change.ts";
import type { ToldChange } from "../../history/witness-recorder.ts";

/** One way to make the database tell what was committed; one instance serves a run, round by round. */
export interface ChangeSource extends AsyncDisposable {
  readonly source: WitnessSource;
  /** The round's tables are there and empty. Throws what `pg` throws. */
  beginRound(round: number): Promise<void>;
  /**
   * Tells everything that was committed since, transaction by transaction in commit order. Throws when it cannot tell
   * all of it; what was told until then is true.
   */
  tell(round: number, listener: ChangeListener): Promise<void>;
}

export interface ChangeListener {
  /** Its times are microseconds since 1970 on the server's clock, like those of `commit`. */
  change(change: ToldChange): void;
  /** The changes since the last one were committed together, at `atUs`: microseconds since 1970 on the server's clock. */
  commit(atUs: number): void;
  /** Waited for after every page, so that there is never more than one in memory. */
  pageTold(): Promise<void>;
}

/** Rows that are asked for at once. */
export const pageRows = 10_000;
