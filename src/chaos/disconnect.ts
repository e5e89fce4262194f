import { z } from "zod";
import { waitUntil } from "../base/timer.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext } from "./fault.ts";

/** How long a bot may take to notice; connections over loopback tell within a millisecond. */
const noticeMs = 500;

export const disconnect = faultKind({
  summary: "closes one or every connection of a link at once; new ones are accepted again",
  moment: "instant",
  settings: z.object({
    link: z.string().default("postgres").describe("the network path that is cut"),
    who: z.enum(["all", "one"]).default("all").describe("one: any of them, drawn from the seed"),
  }),
  create({ link, who }, context) {
    return {
      async inject() {
        const before = context.connectionsLost();
        const cut = who === "all" ? cutAll : cutOne;
        const aim = await cut(context, link);
        const noticed = (): boolean => context.connectionsLost() > before;
        const bound = { ms: noticeMs, everyMs: 2, signal: context.signal };
        if (aim === undefined || !(await waitUntil(noticed, bound))) {
          return { outcome: "missed", aim: link, note: "no bot was connected" };
        }
        return { outcome: "hit", aim, note: `${context.connectionsLost() - before} cut` };
      },
      async heal() {
        if (who === "all") await context.link(link).setEnabled(true);
      },
    };
  },
});

async function cutAll(context: FaultContext, link: string): Promise<string> {
  await context.link(link).setEnabled(false);
  await context.link(link).setEnabled(true);
  return link;
}

async function cutOne(context: FaultContext, link: string): Promise<string | undefined> {
  const { connections } = context.link(link);
  if (connections === undefined) throw new Error("this proxy cannot cut a single connection");
  const victim = context.random.pick(await connections.list());
  if (victim === undefined) return undefined;
  await connections.cut(victim.id, { how: "rst", side: "both" });
  return `connection ${victim.id}`;
}
