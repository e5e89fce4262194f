import { z } from "zod";
import { faultKind } from "./fault.ts";

/**
 * A Toxiproxy toxic on a link, for a span of time:
 *
 * ```
 *   bot ──upstream──▶ [ toxic ] ──▶ PostgreSQL
 *       ◀─────────── [ toxic ] ◀──downstream──
 * ```
 */
export const toxic = faultKind({
  summary: "adds a toxic to a link: latency, bandwidth, timeout, reset_peer, …",
  moment: "span",
  settings: z.object({
    link: z.string().default("postgres").describe("the network path the proxy stands in"),
    type: z.string().describe("the toxic's type, as in Toxiproxy: latency, timeout, reset_peer"),
    stream: z.enum(["upstream", "downstream"]).default("downstream"),
    toxicity: z.number().min(0).max(1).default(1).describe("part of the connections affected"),
    attributes: z
      .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
      .default({})
      .describe("the toxic's attributes, as in Toxiproxy: milliseconds, bytes, KB/s"),
  }),
  create({ link, type, stream, toxicity, attributes }, context) {
    const name = `doubletake-${context.id}`;
    let firstEvent = 0;
    return {
      async inject() {
        firstEvent = (await context.link(link).events?.latest()) ?? 0;
        await context.link(link).addToxic({ name, type, stream, toxicity, attributes });
        return { outcome: "applied", aim: `${link} ${stream}` };
      },
      async witnessed() {
        const hits = (await context.link(link).events?.hits(name, firstEvent)) ?? null;
        return (
          hits?.map(({ connection, backendPid }) => ({ aim: aimOf(connection, backendPid) })) ??
          null
        );
      },
      async heal() {
        await context.link(link).removeToxic(name);
      },
    };
  },
});

function aimOf(connection: number, backendPid: number | undefined): string {
  const backend = backendPid === undefined ? "" : `, backend ${backendPid}`;
  return `connection ${connection}${backend}`;
}
