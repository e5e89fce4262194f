import type { Bot } from "../bot.ts";
import type { LoadContext } from "../load.ts";

/** Conflicts of one bot in one wave before it stands back; a strategy that never gets past them is not live. */
const mostConflicts = 200;

/**
 * All bots wait at a barrier, connected, and claim at the same moment: the sharpest race there is. Each wave has new
 * jobs, and every bot claims once (a conflict is tried again, as any client would) and carries out what it got.
 */
export async function rounds(
  spec: { readonly kind: "rounds"; readonly waves: number },
  { bots, record, enqueue, signal }: LoadContext,
): Promise<void> {
  for (let wave = 1; wave <= spec.waves && !signal.aborted; wave++) {
    await enqueue();
    await Promise.all(bots.map((bot) => getReady(bot, signal)));
    if (signal.aborted) return;
    record({ op: "wave", type: "info", detail: { wave, event: "begin" } });
    await Promise.all(bots.map((bot) => claimOnce(bot, signal)));
    record({ op: "wave", type: "info", detail: { wave, event: "end" } });
  }
}

/** At the barrier a bot is connected and holds nothing. */
async function getReady(bot: Bot, signal: AbortSignal): Promise<void> {
  await bot.finish(signal);
  await bot.connect(signal);
}

async function claimOnce(bot: Bot, signal: AbortSignal): Promise<void> {
  for (let conflicts = 0; conflicts < mostConflicts && !signal.aborted; conflicts++) {
    if ((await bot.claim()) !== "conflict") break;
  }
  await bot.finish(signal);
}
