import { autovacuumOff } from "./autovacuum-off.ts";
import { botPointsAtPending } from "./bot-points-at-pending.ts";
import { clockOffset } from "./clock-offset.ts";
import { connectionSlots } from "./connection-slots.ts";
import { corruptState } from "./corrupt-state.ts";
import { deadlockPartner } from "./deadlock-partner.ts";
import { diskFullFault } from "./disk-full.ts";
import { disconnect } from "./disconnect.ts";
import { failover } from "./failover.ts";
import type { FaultKind } from "./fault.ts";
import { foreignKeyInsert } from "./foreign-key-insert.ts";
import { genericPlans } from "./generic-plans.ts";
import { halfOpen } from "./half-open.ts";
import { killBots } from "./kill-bots.ts";
import { killConnection } from "./kill-connection.ts";
import { lazyCommit } from "./lazy-commit.ts";
import { linkDown } from "./link-down.ts";
import { lockHead } from "./lock-head.ts";
import { pauseBots } from "./pause-bots.ts";
import { poisonHead } from "./poison-head.ts";
import { postgresCut } from "./postgres-cut.ts";
import { readOnly } from "./read-only.ts";
import { restart } from "./restart.ts";
import { slowWork } from "./slow-work.ts";
import { staleStatistics } from "./stale-statistics.ts";
import { toxic } from "./toxic.ts";
import { xminHorizon } from "./xmin-horizon.ts";

/** Every kind of fault. A new one is a file beside this one, and a line here. */
export const faults: Readonly<Record<string, FaultKind>> = {
  // network
  toxic,
  disconnect,
  "link-down": linkDown,
  "half-open": halfOpen,
  "postgres-cut": postgresCut,
  // connections and bots
  "kill-connection": killConnection,
  "slow-work": slowWork,
  "clock-offset": clockOffset,
  "kill-bots": killBots,
  "pause-bots": pauseBots,
  // server
  restart,
  failover,
  "lazy-commit": lazyCommit,
  "read-only": readOnly,
  "disk-full": diskFullFault,
  "connection-slots": connectionSlots,
  "generic-plans": genericPlans,
  // database
  "lock-head": lockHead,
  "xmin-horizon": xminHorizon,
  "deadlock-partner": deadlockPartner,
  "foreign-key-insert": foreignKeyInsert,
  "stale-statistics": staleStatistics,
  "autovacuum-off": autovacuumOff,
  // data
  "corrupt-state": corruptState,
  "bot-points-at-pending": botPointsAtPending,
  "poison-head": poisonHead,
};
