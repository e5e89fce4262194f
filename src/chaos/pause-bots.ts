import { z } from "zod";
import { monotonicMs } from "../base/clock.ts";
import type { BotHost } from "../bots/bot-hosts.ts";
import { faultKind } from "./fault.ts";
import type { Hit } from "./fault.ts";
import { aimOf, chooseHosts, hostSettings } from "./struck-hosts.ts";

interface Pause {
  readonly host: BotHost;
  readonly fromMs: number;
}

/**
 * Bots stand still, as in a long garbage collection or on a laptop that was closed, and know nothing of it: when they go on
 * they believe that what they held is theirs, also where its lease has ended and another has done it meanwhile.
 */
export const pauseBots = faultKind({
  summary:
    "stops a process with bots in it by SIGSTOP, past the lease of what they hold; SIGCONT heals",
  moment: "span",
  needsBots: "in-hosts",
  settings: z.object(hostSettings),
  create({ hosts: choice }, context) {
    const pauses: Pause[] = [];
    return {
      async inject() {
        const hosts = await chooseHosts(context, choice);
        if (hosts.length === 0) {
          return { outcome: "missed", note: "no process with bots was running" };
        }
        await Promise.all(
          hosts.map(async (host) => {
            pauses.push({ host, fromMs: monotonicMs() });
            await host.stop();
          }),
        );
        return { outcome: "applied", aim: aimOf(hosts) };
      },
      async witnessed() {
        return pauses.flatMap((pause) => hitOf(pause, context.leaseMs));
      },
      async heal() {
        await Promise.all(pauses.map(({ host }) => host.continue()));
        pauses.length = 0;
      },
    };
  },
});

/**
 * A claim is only hurt by a pause that is longer than its lease; an operation that is under way by any. Asked while the
 * process still stands: all that it recorded before has been read by then.
 */
function hitOf({ host, fromMs }: Pause, leaseMs: number): readonly Hit[] {
  const pausedMs = Math.round(monotonicMs() - fromMs);
  const stake = host.atStake();
  const holding = pausedMs > leaseMs ? stake.holding : 0;
  if (holding + stake.operating === 0) return [];
  const hurt = `${holding} bots past their lease, ${stake.operating} in an operation`;
  return [{ aim: `${aimOf([host])}: ${hurt}, for ${pausedMs} ms` }];
}
