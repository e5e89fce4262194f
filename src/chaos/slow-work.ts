import { z } from "zod";
import { positiveDurationMs } from "../scenario/duration.ts";
import { faultKind } from "./fault.ts";

/**
 * The work takes longer than anybody thought, perhaps longer than the lease: the job is rescued and given to another
 * while the first still works on it. Jobs begun while it stands are slow to their end, also after it is healed.
 */
export const slowWork = faultKind({
  summary: "makes bots work longer on their jobs, beyond the lease if it is long enough",
  moment: "span",
  needsBots: "in-process",
  settings: z.object({
    extra: positiveDurationMs.describe("how much longer each job takes"),
  }),
  create({ extra }, context) {
    let before = 0;
    return {
      async inject() {
        before = context.work.braked;
        context.work.pull(context.id, extra);
        return { outcome: "applied" };
      },
      async witnessed() {
        const jobs = context.work.braked - before;
        return jobs === 0 ? [] : [{ aim: `${jobs} jobs took ${extra} ms longer` }];
      },
      async heal() {
        context.work.release(context.id);
      },
    };
  },
});
