import { z } from "zod";
import { faultKind } from "./fault.ts";
import { FaultSession } from "./fault-session.ts";

/**
 * Somebody reads the oldest jobs FOR UPDATE and then does something else: a claim that waits for the oldest job stands
 * still for as long, one that passes over locked rows does not notice.
 */
export const lockHead = faultKind({
  summary: "holds a row lock on the oldest pending jobs",
  moment: "span",
  settings: z.object({
    rows: z.int().min(1).max(10_000).default(1).describe("how many of the oldest pending jobs"),
  }),
  create({ rows }, context) {
    const session = new FaultSession(context);
    return {
      async inject() {
        const client = await session.open();
        await client.query("BEGIN");
        const { rows: locked } = await client.query<{ id: string }>(
          `SELECT id FROM jobs WHERE status = 'pending' ORDER BY created_at, id
            LIMIT $1 FOR UPDATE SKIP LOCKED`,
          [rows],
        );
        const [first] = locked;
        if (first === undefined) return { outcome: "missed", note: "no job was pending" };
        return { outcome: "hit", aim: `job ${first.id}`, note: `${locked.length} locked` };
      },
      heal: () => session.close(),
    };
  },
});
