import { z } from "zod";
import { faultKind } from "./fault.ts";

/**
 * A cable is pulled, a firewall forgets a connection: both ends keep an open socket on which nothing arrives any more.
 *
 * ```
 *   bot ── sends, waits until its deadline ──▶ ╳        ╳ ◀── backend, its transaction and its locks stay
 * ```
 */
export const halfOpen = faultKind({
  summary: "lets connections go silent with their sockets left open, at both ends",
  moment: "span",
  needs: ["connections"],
  settings: z.object({
    link: z.string().default("postgres").describe("the network path the proxy stands in"),
    connections: z.int().min(1).max(1_000).default(1).describe("how many, drawn from the seed"),
  }),
  create({ link, connections: count }, context) {
    const silent: number[] = [];
    return {
      async inject() {
        const { connections } = context.link(link);
        if (connections === undefined) throw new Error("this proxy cannot cut single connections");
        const victims = context.random.shuffle(await connections.list()).slice(0, count);
        for (const { id } of victims) {
          if (await connections.cut(id, { how: "silent", side: "both" })) silent.push(id);
        }
        if (silent.length === 0)
          return { outcome: "missed", aim: link, note: "nobody is connected" };
        return { outcome: "hit", aim: `connection ${silent.join(", ")}` };
      },
      /** What has gone silent has a hole in its stream: it can only be closed. */
      async heal() {
        for (let id = silent.at(-1); id !== undefined; id = silent.at(-1)) {
          await context.link(link).connections?.cut(id, { how: "rst", side: "both" });
          silent.pop();
        }
      },
    };
  },
});
