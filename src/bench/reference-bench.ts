import type { PostgresServer } from "../environment/postgres/postgres-server.ts";
import type { EventTable } from "../history/event-table.ts";
import type { ControlDatabase } from "../service/control-database.ts";
import type { Strategy } from "../service/strategy.ts";
import { ReferenceTarget } from "../targets/reference/reference-target.ts";

/** No claim of a benchmark runs out. */
export const leaseMs = 60_000;

interface Claims {
  readonly strategy: Strategy;
  readonly server: PostgresServer;
  readonly control: ControlDatabase;
  readonly bots: number;
}

/** The claim service without anything in between, and with deadlines that no measurement meets. */
export function referenceTarget({ strategy, server, control, bots }: Claims): ReferenceTarget {
  return new ReferenceTarget({
    strategy,
    control,
    address: server.address,
    bots,
    connections: "per-bot",
    statementMs: 10_000,
    leaseMs,
    onConnection: () => undefined,
  });
}

/** When the last job was completed; after that, bots only find that there is nothing left. */
export function lastAnswerNs(events: EventTable): number {
  for (let event = events.length - 1; event >= 0; event--) {
    if (events.op(event) === "complete" && events.type(event) === "ok") return events.t(event);
  }
  throw new Error("no job was completed");
}
