import { z } from "zod";
import { faultKind } from "./fault.ts";
import { ServerSetting } from "./server-setting.ts";

/**
 * A prepared statement is planned for its values five times, and may then be planned once for any values: a claim that
 * was quick turns into a scan of the table, without a change to anything. This forces the one or the other at once.
 */
export const genericPlans = faultKind({
  summary: "makes the server plan prepared statements without their values (plan_cache_mode)",
  moment: "span",
  reach: "server",
  needs: ["configure"],
  settings: z.object({
    mode: z
      .enum(["force_generic_plan", "force_custom_plan"])
      .default("force_generic_plan")
      .describe("generic: one plan for any values; custom: a new plan each time"),
  }),
  create({ mode }, context) {
    const setting = new ServerSetting(context, "plan_cache_mode");
    let before = 0;
    return {
      async inject() {
        await setting.set(mode);
        before = context.told.granted;
        return { outcome: "applied", aim: mode };
      },
      /** Every session takes the setting over before its next statement, so claims granted meanwhile were planned so. */
      async witnessed() {
        const claims = context.told.granted - before;
        return claims === 0 ? [] : [{ aim: `${claims} claims granted under ${mode}` }];
      },
      heal: () => setting.reset(),
    };
  },
});
