import { z } from "zod";
import { positiveDurationMs } from "../scenario/duration.ts";
import { faultKind } from "./fault.ts";

/**
 * The clocks of some bots are wrong. That hurts nobody as long as all times are the database's; a claim that binds `:now`,
 * the bot's own time, takes leases for over that are not, or makes ones that never end.
 */
export const clockOffset = faultKind({
  summary: "puts the clocks of the first bots forward or back; :now of their claims is wrong",
  moment: "span",
  needsBots: "in-process",
  settings: z.object({
    bots: z.int().min(1).max(1_000).default(1).describe("how many bots"),
    by: positiveDurationMs.describe("how far"),
    direction: z.enum(["ahead", "behind"]).default("ahead"),
  }),
  create({ bots, by, direction }, context) {
    const { clocks } = context;
    const wrong = Array.from({ length: Math.min(bots, context.bots) }, (_, index) => index + 1);
    const offsetMs = by * (direction === "ahead" ? 1 : -1);
    let before = 0;
    return {
      async inject() {
        before = clocks.wrong;
        for (const bot of wrong) clocks.set(bot, offsetMs);
        return { outcome: "applied" };
      },
      async witnessed() {
        const claims = clocks.wrong - before;
        return claims === 0 ? [] : [{ aim: `${claims} claims asked for by a wrong clock` }];
      },
      async heal() {
        for (const bot of wrong) clocks.reset(bot);
      },
    };
  },
});
