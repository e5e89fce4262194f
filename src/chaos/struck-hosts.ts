import { z } from "zod";
import { assert } from "../base/assert.ts";
import { waitUntil } from "../base/timer.ts";
import type { BotHost, BotHosts } from "../bots/bot-hosts.ts";
import type { FaultContext } from "./fault.ts";

/** How long a process is looked for whose bots have something to lose. */
const lookMs = 1_000;

/** The settings of faults that strike processes with bots in them. */
export const hostSettings = {
  hosts: z
    .enum(["one", "all"])
    .default("one")
    .describe("one: the seed draws which; all: every process with bots in it"),
};

export type HostChoice = "one" | "all";

/** Those to strike, as soon as a bot of one of them holds a claim; at the latest after a second, whatever they hold. */
export async function chooseHosts(
  context: FaultContext,
  choice: HostChoice,
): Promise<readonly BotHost[]> {
  const hosts = hostsOf(context);
  const chosen = choice === "all" ? null : (context.random.pick(hosts.running) ?? null);
  const wanted = (): readonly BotHost[] =>
    choice === "all" ? hosts.running : hosts.running.filter((host) => host === chosen);
  const isHolding = (): boolean => wanted().some((host) => host.atStake().holding > 0);
  await waitUntil(isHolding, { ms: lookMs, everyMs: 1, signal: context.signal });
  return wanted();
}

function hostsOf({ hosts }: FaultContext): BotHosts {
  assert(hosts !== null, "a scenario whose bots live in our process has no fault that kills them");
  return hosts;
}

export function aimOf(hosts: readonly BotHost[]): string {
  return hosts.map(({ place, pid }) => `host ${place}, process ${pid}`).join("; ");
}
