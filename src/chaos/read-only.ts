import { z } from "zod";
import { faultKind } from "./fault.ts";
import { ServerSetting } from "./server-setting.ts";

/** "cannot execute … in a read-only transaction". */
const readOnlyState = "25006";

/** The database refuses every change for a while, as a managed one does when its disk is nearly full. */
export const readOnly = faultKind({
  summary: "makes the server refuse every change (default_transaction_read_only)",
  moment: "span",
  reach: "server",
  needs: ["configure"],
  settings: z.object({}),
  create(_settings, context) {
    const setting = new ServerSetting(context, "default_transaction_read_only");
    let before = 0;
    return {
      async inject() {
        before = context.told.withCode(readOnlyState);
        await setting.set("on");
        return { outcome: "applied" };
      },
      async witnessed() {
        const refused = context.told.withCode(readOnlyState) - before;
        return refused === 0
          ? []
          : [{ aim: `${refused} operations refused with ${readOnlyState}` }];
      },
      heal: () => setting.reset(),
    };
  },
});
