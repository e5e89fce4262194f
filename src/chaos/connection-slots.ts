import type { Client } from "pg";
import { z } from "zod";
import { waitUntil } from "../base/timer.ts";
import { openConnection } from "../environment/postgres/connection.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext, Injection } from "./fault.ts";

/** "too many clients already". */
const noSlot = "53300";
/** More than any server of ours has. */
const mostSlots = 1_000;
const atOnce = 16;
const evictMs = 2_000;

/**
 * Somebody else takes every connection the server has. A bot keeps the one it has; one that loses it does not come
 * back. So a few bots are put out, and their places taken as well.
 */
export const connectionSlots = faultKind({
  summary: "takes every connection the server has left, and the places of a few bots",
  moment: "span",
  reach: "server",
  needs: ["terminate-backends", "configure"],
  injectMs: 30_000,
  settings: z.object({
    evict: z.int().min(1).max(1_000).default(1).describe("bots whose backends are terminated"),
  }),
  create({ evict }, context) {
    const taken: Client[] = [];
    let before = 0;
    return {
      async inject() {
        before = context.told.withCode(noSlot);
        await context.control.occupy();
        await takeAll(context, taken);
        return await putOut(context, taken, evict);
      },
      async witnessed() {
        const refused = context.told.withCode(noSlot) - before;
        return refused === 0 ? [] : [{ aim: `${refused} connections refused with ${noSlot}` }];
      },
      async heal() {
        const clients = taken.splice(0);
        await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      },
    };
  },
});

/** Until the server refuses: it counts the slots, not we. */
async function takeAll(context: FaultContext, taken: Client[]): Promise<void> {
  while (taken.length < mostSlots && !context.signal.aborted) {
    const opened = await Promise.all(Array.from({ length: atOnce }, () => tryOpen(context)));
    const clients = opened.filter((client) => client !== undefined);
    taken.push(...clients);
    if (clients.length === 0) return;
  }
}

async function tryOpen({ server, id }: FaultContext): Promise<Client | undefined> {
  return await openConnection(server.address, `doubletake-fault-${id}`).catch(() => undefined);
}

/** Each place is fought for with the bot itself, which comes back at once: so it is tried until a bot was refused. */
async function putOut(context: FaultContext, taken: Client[], evict: number): Promise<Injection> {
  const before = context.told.withCode(noSlot);
  const isRefused = (): boolean => context.told.withCode(noSlot) - before >= evict;
  const attempt = async (): Promise<boolean> => {
    if (isRefused()) return true;
    await context.control.query(
      `SELECT pg_terminate_backend(pid) FROM (
         SELECT pid FROM pg_stat_activity WHERE starts_with(application_name, $1)
          ORDER BY hashint4extended(pid, $2) LIMIT $3) AS victims`,
      [context.application, context.random.integer(2 ** 31), evict],
    );
    await takeAll(context, taken);
    return isRefused();
  };
  await waitUntil(attempt, { ms: evictMs, everyMs: 20, signal: context.signal });
  return { outcome: "applied", note: `${taken.length} connections taken` };
}
