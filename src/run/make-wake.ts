import { seededRandom } from "../base/random.ts";
import type { Record } from "../bots/bot.ts";
import type { Wake } from "../bots/wake.ts";
import { Notified } from "../bots/wake/notified.ts";
import { Polling } from "../bots/wake/polling.ts";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import type { ConnectionDetail } from "../history/event.ts";
import type { PlannedRound } from "../plan/plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { wakeOf } from "../scenario/wake.ts";
import { JobListener } from "../service/job-listener.ts";

export interface WakeRequest {
  readonly scenario: Scenario;
  readonly planned: Pick<PlannedRound, "role" | "seed">;
  /** Where the bots connect. */
  readonly address: PostgresAddress;
  readonly schema: string;
  /** The process that the bots live in: 1, 2, 3 … */
  readonly place: number;
  readonly record: Record;
}

/** What wakes the bots of one process. Whoever makes it closes it. */
export function makeWake(request: WakeRequest): Wake {
  const { scenario, planned, address, schema, place, record } = request;
  const spec = wakeOf(scenario, planned.role);
  if (spec?.kind !== "notify") return new Polling(spec?.everyMs);
  const { pollMs, catchUp, reconnect } = spec;
  const note = (event: ConnectionDetail["event"], code?: string): void =>
    record({ op: "connection", type: "info", code, detail: { event, listener: place } });
  return new Notified({
    pollMs,
    catchUp,
    makeListener: (events) =>
      new JobListener({
        ...events,
        address,
        schema,
        place,
        reconnect,
        connectMs: scenario.deadlines.statementMs,
        isPooled: scenario.environment.pooler !== undefined,
        random: seededRandom(planned.seed, `listener ${place}`),
        onEvent: note,
      }),
  });
}
