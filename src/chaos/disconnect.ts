import { z } from "zod";
import { waitUntil } from "../base/timer.ts";
import { faultKind } from "./fault.ts";

/** How long a bot may take to notice; connections over loopback tell within a millisecond. */
const noticeMs = 500;

export const disconnect = faultKind({
  summary: "closes every connection of a link at once; new ones are accepted again",
  moment: "instant",
  settings: z.object({
    link: z.string().default("postgres").describe("the network path that is cut"),
  }),
  create({ link }, context) {
    return {
      async inject() {
        const before = context.connectionsLost();
        await context.link(link).setEnabled(false);
        await context.link(link).setEnabled(true);
        const noticed = (): boolean => context.connectionsLost() > before;
        if (!(await waitUntil(noticed, { ms: noticeMs, everyMs: 2, signal: context.signal }))) {
          return { outcome: "missed", aim: link, note: "no bot was connected" };
        }
        return { outcome: "hit", aim: link, note: `${context.connectionsLost() - before} cut` };
      },
      async heal() {
        await context.link(link).setEnabled(true);
      },
    };
  },
});
