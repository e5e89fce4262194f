import { z } from "zod";
import { sleep } from "../base/timer.ts";
import { isCrashable } from "../environment/postgres/embedded.ts";
import { durationMs } from "../scenario/duration.ts";
import { faultKind } from "./fault.ts";

/**
 * The server dies without a checkpoint and comes back on the same port: what was on disk is replayed, what was not is
 * gone. With `synchronous_commit` on, nothing that was acknowledged is.
 */
export const restart = faultKind({
  summary: "stops the server at once, as a crash does, and starts it again on the same port",
  moment: "instant",
  reach: "server",
  needs: ["crash"],
  // Starting may have to replay all that a checkpoint had not written.
  injectMs: 60_000,
  settings: z.object({
    down: durationMs.prefault("0s").describe("how long the server stays away"),
  }),
  create({ down }, context) {
    const { server } = context;
    return {
      async inject() {
        if (!isCrashable(server)) throw new Error(`${server.description} cannot be crashed`);
        const before = context.connectionsLost();
        await server.crash();
        await sleep(down, context.signal);
        await server.restart();
        const lost = context.connectionsLost() - before;
        if (lost === 0) return { outcome: "missed", note: "no bot was connected" };
        return { outcome: "hit", note: `${lost} connections lost` };
      },
      /** A start that was interrupted is made good. */
      async heal() {
        if (isCrashable(server) && !server.isRunning) await server.restart();
      },
    };
  },
});
