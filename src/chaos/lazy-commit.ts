import { z } from "zod";
import { faultKind } from "./fault.ts";
import { ServerSetting } from "./server-setting.ts";

/**
 * `synchronous_commit = off`: a commit is acknowledged before it is on disk. Harmless until the server crashes; then
 * what was acknowledged in the last moments is gone, and bots hold claims that never were.
 */
export const lazyCommit = faultKind({
  summary: "acknowledges commits before they are on disk (synchronous_commit = off)",
  moment: "span",
  reach: "server",
  needs: ["configure"],
  settings: z.object({}),
  create(_settings, context) {
    const setting = new ServerSetting(context, "synchronous_commit");
    let before = 0;
    return {
      async inject() {
        await setting.set("off");
        before = context.told.granted;
        return { outcome: "applied" };
      },
      async witnessed() {
        const claims = context.told.granted - before;
        return claims === 0
          ? []
          : [{ aim: `${claims} claims acknowledged before they were on disk` }];
      },
      heal: () => setting.reset(),
    };
  },
});
