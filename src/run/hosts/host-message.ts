import type { PostgresAddress } from "../../environment/postgres/postgres-server.ts";
import type { Observation } from "../../history/recorder.ts";
import type { PlannedRound } from "../../plan/plan.ts";
import type { Scenario } from "../../scenario/scenario.ts";

/** What a host process is told, one JSON text a line. It carries out one task at a time; tasks are numbered 1, 2, 3 … */
export type HostCommand =
  | ({ readonly do: "set-up" } & HostSpec)
  | ({ readonly task: number } & HostTask)
  /** Ends the task of that number early. */
  | { readonly do: "stop"; readonly task: number };

export type HostTask =
  | { readonly do: "connect" }
  | { readonly do: "take-turns"; readonly thinks: boolean }
  | { readonly do: "get-ready" }
  /** `atNs`: when all claim, on the clock of the history. */
  | { readonly do: "claim-once"; readonly atNs: number };

/** The part of a round that concerns the bots of one host. */
export interface HostSpec {
  /** Its faults and expectations are none of the host's business, and left out. */
  readonly scenario: Scenario;
  readonly planned: Pick<PlannedRound, "strategy" | "role" | "seed">;
  /** Where the bots connect: the proxy's side of the link. */
  readonly address: PostgresAddress;
  readonly schema: string;
  /** The raw monotonic reading that counts as zero, in nanoseconds; a bigint as text. */
  readonly originNs: string;
  /** Of the process: 1, 2, 3 … */
  readonly place: number;
  /** Their numbers. */
  readonly bots: readonly number[];
  /** The process takes the place of one that was killed. */
  readonly isSuccessor: boolean;
}

/** What a host process tells, one JSON text a line, in the order in which it happened. */
export interface HostReport {
  /** All that happened in the host up to then has been told: nanoseconds on the clock of the history. */
  readonly t: number;
  /** Set up, and ready for tasks. */
  readonly ready?: { readonly pid: number };
  /** By ascending `t`, which each of them has. */
  readonly events?: readonly Observation[];
  /** Statements that its bots have sent so far. */
  readonly cost: { readonly statements: number; readonly roundTrips: number };
  readonly notes?: readonly HostNote[];
}

export type HostNote =
  | { readonly kind: "empty" | "work"; readonly bot: number }
  /** `refused`: bots that could not connect. */
  | { readonly kind: "done"; readonly task: number; readonly refused: number };

/** Splits what comes in pieces into lines of JSON. */
export function readJsonLines(onLine: (message: unknown) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline)) {
      const line = rest.toString("utf8", 0, end);
      rest = rest.subarray(end + 1);
      onLine(JSON.parse(line));
    }
  };
}

const newline = 10;
