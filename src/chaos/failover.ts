import { z } from "zod";
import { sleep, waitUntil } from "../base/timer.ts";
import { isCrashable } from "../environment/postgres/embedded.ts";
import type { CrashablePostgres } from "../environment/postgres/embedded.ts";
import { standbyName } from "../environment/postgres/standby.ts";
import type { Standby } from "../environment/postgres/standby.ts";
import { positiveDurationMs } from "../scenario/duration.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext, Injection } from "./fault.ts";
import { ServerSetting } from "./server-setting.ts";

const synchronousMs = 10_000;
/** A primary whose standby is gone acknowledges nothing in synchronous mode; in the other it must, or nothing is lost. */
const acknowledgedMs = 5_000;

/**
 * The primary dies and its standby takes its place, after the network between them had been cut for a while:
 *
 * ```
 *   primary   ── claims acknowledged ──┬── more of them ───── †
 *   link                               ╳ cut
 *   standby   ── follows ──────────────┘                      promoted ── claims, at the primary's address
 * ```
 *
 * Asynchronous: what the primary acknowledged after the cut never happened, as far as anybody can find out afterwards.
 * Synchronous (`remote_apply`): it acknowledges nothing that the standby has not applied. The standby takes the
 * primary's address over, as with a virtual address, so bots and harness find it where the primary was.
 */
export const failover = faultKind({
  summary: "cuts replication, crashes the server, and promotes a streaming standby in its place",
  moment: "instant",
  reach: "server",
  needs: ["standby", "configure"],
  // A copy of the data folder and a start; a promotion and another start.
  injectMs: 90_000,
  settings: z.object({
    link: z.string().default("replication").describe("the path of the standby to the primary"),
    synchronous: z
      .boolean()
      .default(false)
      .describe("true: commits wait until the standby has applied them (remote_apply)"),
    cut: positiveDurationMs
      .prefault("200ms")
      .describe("how long replication is cut before the primary dies"),
  }),
  create({ link, synchronous, cut }, context) {
    let standby: Standby | undefined;
    return {
      async prepare() {
        const { server } = context;
        if (!isCrashable(server)) throw new Error(`${server.description} can have no standby`);
        standby = await server.startStandby(context.link(link).listen);
        if (synchronous) await waitForStandby(context);
      },
      async inject() {
        const { server } = context;
        if (!isCrashable(server) || standby === undefined) throw new Error("there is no standby");
        const lostBefore = context.connectionsLost();
        await context.link(link).setEnabled(false);
        const unseen = await acknowledgedSince(context, { cut, synchronous });
        await server.failOver(standby);
        standby = undefined;
        return hitOf({ synchronous, unseen, lost: context.connectionsLost() - lostBefore });
      },
      async heal() {
        await context.link(link).setEnabled(true);
        if (isCrashable(context.server)) await makeWhole(context, context.server);
        await standby?.stop();
        standby = undefined;
      },
    };
  },
});

/** Commits wait for the standby from now on. */
async function waitForStandby(context: FaultContext): Promise<void> {
  await settings(context).names.set(standbyName);
  await settings(context).commit.set("remote_apply");
  const isSynchronous = async (): Promise<boolean> => {
    const rows = await context.control.query(
      "SELECT FROM pg_stat_replication WHERE application_name = $1 AND sync_state = 'sync'",
      [standbyName],
    );
    return rows.length > 0;
  };
  if (await waitUntil(isSynchronous, { ms: synchronousMs, everyMs: 10 })) return;
  throw new Error(`the standby was not synchronous within ${synchronousMs} ms`);
}

/** Waits while the standby hears nothing; returns how many claims bots were told of meanwhile. */
async function acknowledgedSince(
  { told, signal }: FaultContext,
  { cut, synchronous }: { readonly cut: number; readonly synchronous: boolean },
): Promise<number> {
  const before = told.granted;
  await sleep(cut, signal);
  const isTold = (): boolean => told.granted > before;
  if (!synchronous) await waitUntil(isTold, { ms: acknowledgedMs, everyMs: 2, signal });
  return told.granted - before;
}

interface Loss {
  readonly synchronous: boolean;
  readonly unseen: number;
  readonly lost: number;
}

/** Asynchronous, it hits when something acknowledged is lost; synchronous, when bots had to come back. */
function hitOf({ synchronous, unseen, lost }: Loss): Injection {
  const note = `${unseen} claims acknowledged after the cut, ${lost} connections lost`;
  const isHit = synchronous ? lost > 0 : unseen > 0;
  return { outcome: isHit ? "hit" : "missed", note };
}

function settings(context: FaultContext): {
  readonly names: ServerSetting;
  readonly commit: ServerSetting;
} {
  return {
    names: new ServerSetting(context, "synchronous_standby_names"),
    commit: new ServerSetting(context, "synchronous_commit"),
  };
}

/** A primary that was left waiting for a standby, or dead, goes on alone. */
async function makeWhole(context: FaultContext, server: CrashablePostgres): Promise<void> {
  if (!server.isRunning) await server.restart();
  await settings(context).names.reset();
  await settings(context).commit.reset();
}
