import { z } from "zod";
import type { BotHost } from "../bots/bot-hosts.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext, Injection } from "./fault.ts";
import { aimOf, chooseHosts, hostSettings } from "./struck-hosts.ts";
import type { HostChoice } from "./struck-hosts.ts";

/**
 * Bots die without a word, in the middle of whatever they do. When it is healed, new ones with their numbers come, and ask
 * first what they hold.
 *
 * ```
 *   bot 3   claim ok job 9 ── work ──╳ kill -9          bot 3   resume ok job 9 … or empty: job 9 was rescued
 *   job 9   claimed until the lease ends ──────────────────────────────────────────
 * ```
 */
export const killBots = faultKind({
  summary: "kills a process with bots in it by SIGKILL, and starts the same bots again when healed",
  moment: "span",
  needsBots: "in-hosts",
  settings: z.object(hostSettings),
  create({ hosts: choice }, context) {
    const killed = new Set<BotHost>();
    return {
      inject: () => kill(context, choice, killed),
      async heal() {
        await Promise.all([...killed].map((host) => host.restart()));
        killed.clear();
      },
    };
  },
});

async function kill(
  context: FaultContext,
  choice: HostChoice,
  killed: Set<BotHost>,
): Promise<Injection> {
  const hosts = await chooseHosts(context, choice);
  if (hosts.length === 0) return { outcome: "missed", note: "no process with bots was running" };
  const aim = aimOf(hosts);
  for (const host of hosts) killed.add(host);
  await Promise.all(hosts.map((host) => host.kill()));
  // Only now everything has been read that they recorded.
  const stakes = hosts.map((host) => host.atStake());
  const holding = stakes.reduce((sum, stake) => sum + stake.holding, 0);
  const operating = stakes.reduce((sum, stake) => sum + stake.operating, 0);
  const note = `${holding} bots held a claim, ${operating} were in an operation`;
  return { outcome: holding + operating > 0 ? "hit" : "missed", aim, note };
}
