import type { HarnessError } from "../base/harness-error.ts";
import type { RescuedClaim } from "../history/event.ts";
import type { ConnectionOptions, StatementCounter } from "../service/bot-connection.ts";
import type { Outcome } from "../service/outcome.ts";
import type { Target } from "../targets/target.ts";
import type { GatedConnection } from "./gated-connection.ts";
import type { Recording } from "./recording.ts";

/** What the bots of a cast ask for jobs, each through a connection with a door in front of it. */
export interface Service {
  readonly target: Target;
  /** Plays somebody's part, from the beginning of a schedule to the end. */
  play(part: Part, perform: () => Promise<void>): Promise<void>;
  /** Takes claims whose lease has run out, through this connection. */
  rescue(connection: GatedConnection): Promise<Outcome<readonly RescuedClaim[]>>;
  /** Every lease has run out. */
  endLeases(): Promise<void>;
  /** Parts that do not end, though all of it was called off, are left to themselves. */
  abandon(): void;
  /** It did what cannot be explored: nothing that was shown counts. */
  readonly fault: HarnessError | undefined;
}

export interface Part {
  readonly connection: GatedConnection;
  readonly recording: Recording;
}

export interface ServiceOptions {
  /** Those who come after a crash included. */
  readonly bots: number;
  readonly statementMs: number;
  /** To be called for 1, 2, 3 … in that order. */
  readonly makeConnection: (
    slot: number,
    options: ConnectionOptions,
    counter: StatementCounter,
  ) => GatedConnection;
}
