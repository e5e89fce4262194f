import { botPointsAtPending } from "./bot-points-at-pending.ts";
import { corruptState } from "./corrupt-state.ts";
import { disconnect } from "./disconnect.ts";
import type { FaultKind } from "./fault.ts";
import { killConnection } from "./kill-connection.ts";
import { toxic } from "./toxic.ts";

/** Every kind of fault. A new one is a file beside this one, and a line here. */
export const faults: Readonly<Record<string, FaultKind>> = {
  toxic,
  disconnect,
  "kill-connection": killConnection,
  "corrupt-state": corruptState,
  "bot-points-at-pending": botPointsAtPending,
};
