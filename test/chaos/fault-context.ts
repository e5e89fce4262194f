import { seededRandom } from "../../src/base/random.ts";
import { WorkBrake } from "../../src/bots/work-brake.ts";
import type { FaultContext } from "../../src/chaos/fault.ts";
import type { PostgresServer } from "../../src/environment/postgres/postgres-server.ts";
import { LoadTally } from "../../src/run/load-tally.ts";
import { BotClocks } from "../../src/service/bot-clocks.ts";
import type { ControlDatabase } from "../../src/service/control-database.ts";

/** What faults are given, with nothing behind it that the test does not name. */
export function faultContext(given: Partial<FaultContext> = {}): FaultContext {
  return {
    id: "fault-1",
    control: undefined as unknown as ControlDatabase,
    server: undefined as unknown as PostgresServer,
    link: () => {
      throw new Error("this fault uses no link");
    },
    bots: 1,
    application: "",
    connectionsLost: () => 0,
    told: new LoadTally(),
    work: new WorkBrake(),
    clocks: new BotClocks(),
    hosts: null,
    leaseMs: 60_000,
    random: seededRandom(1),
    signal: new AbortController().signal,
    ...given,
  };
}
