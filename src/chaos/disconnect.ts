import { z } from "zod";
import { waitUntil } from "../base/timer.ts";
import type { LinkConnection } from "../environment/toxiproxy/toxiproxy-server.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext } from "./fault.ts";
import { listening } from "./listening.ts";

/** How long a bot may take to notice; connections over loopback tell within a millisecond. */
const noticeMs = 500;

export const disconnect = faultKind({
  summary: "closes one or every connection of a link at once; new ones are accepted again",
  moment: "instant",
  settings: z.object({
    link: z.string().default("postgres").describe("the network path that is cut"),
    who: z
      .enum(["all", "one", "listener"])
      .default("all")
      .describe(
        "one: any of them, drawn from the seed; listener: one on which bots are told of jobs",
      ),
  }),
  create({ link, who }, context) {
    return {
      async inject() {
        const before = context.connectionsLost();
        const aim = await cuts[who](context, link);
        const noticed = (): boolean => context.connectionsLost() > before;
        const bound = { ms: noticeMs, everyMs: 2, signal: context.signal };
        if (aim === undefined || !(await waitUntil(noticed, bound))) {
          return { outcome: "missed", aim: link, note: "no bot was connected" };
        }
        return { outcome: "hit", aim, note: `${context.connectionsLost() - before} cut` };
      },
      async heal() {
        if (who === "all") await context.link(link).setEnabled(true);
      },
    };
  },
});

const cuts = {
  all: cutAll,
  one: (context: FaultContext, link: string) => cutOne(context, link),
  listener: cutListener,
} as const;

async function cutAll(context: FaultContext, link: string): Promise<string> {
  await context.link(link).setEnabled(false);
  await context.link(link).setEnabled(true);
  return link;
}

type Choose = (all: readonly LinkConnection[]) => readonly LinkConnection[];

async function cutOne(
  context: FaultContext,
  link: string,
  choices: Choose = (all) => all,
): Promise<string | undefined> {
  const { connections } = context.link(link);
  if (connections === undefined) throw new Error("this proxy cannot cut a single connection");
  const victim = context.random.pick(choices(await connections.list()));
  if (victim === undefined) return undefined;
  await connections.cut(victim.id, { how: "rst", side: "both" });
  return `connection ${victim.id}`;
}

/** The proxy knows which backend is at the other end of a connection, and the server which of them listens. */
async function cutListener(context: FaultContext, link: string): Promise<string | undefined> {
  const rows = await context.control.query(
    `SELECT pid FROM pg_stat_activity WHERE starts_with(application_name, $1) AND ${listening}`,
    [context.application],
  );
  const pids = new Set(rows.map((row) => Number(row["pid"])));
  return await cutOne(context, link, (all) =>
    all.filter(({ backendPid }) => backendPid !== undefined && pids.has(backendPid)),
  );
}
