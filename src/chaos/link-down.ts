import { z } from "zod";
import { faultKind } from "./fault.ts";

/** What a bot is told when it tries to connect: nothing listens there. */
const refused = "ECONNREFUSED";

/** The network path is gone for a while: connections are closed, and new ones refused. */
export const linkDown = faultKind({
  summary: "takes a link down: connections are closed and new ones refused until it is healed",
  moment: "span",
  settings: z.object({
    link: z.string().default("postgres").describe("the network path that is gone"),
  }),
  create({ link }, context) {
    let before = { lost: 0, refused: 0 };
    const seen = () => ({
      lost: context.connectionsLost(),
      refused: context.told.withCode(refused),
    });
    return {
      async inject() {
        before = seen();
        await context.link(link).setEnabled(false);
        return { outcome: "applied", aim: link };
      },
      async witnessed() {
        const now = seen();
        const lost = now.lost - before.lost;
        const turnedAway = now.refused - before.refused;
        if (lost + turnedAway === 0) return [];
        return [{ aim: `${link}, ${lost} connections lost, ${turnedAway} refused` }];
      },
      heal: () => context.link(link).setEnabled(true),
    };
  },
});
