import { z } from "zod";
import { statementMoments } from "../proxy/toxics/postgres-cut.ts";
import { faultKind } from "./fault.ts";
import { toxic } from "./toxic.ts";

/** The toxic `postgres_cut`, its settings by name: connections are cut at an exact moment of the protocol. */
export const postgresCut = faultKind({
  summary:
    "cuts connections at a moment of the protocol: before or after a statement, around COMMIT",
  moment: "span",
  needs: ["postgres-cut"],
  settings: z.object({
    link: z.string().default("postgres").describe("the network path the proxy stands in"),
    moment: z
      .enum(statementMoments)
      .default("commit-unanswered")
      .describe("commit-unanswered: it is committed, and the bot does not know"),
    sql: z
      .string()
      .default("")
      .describe("a regular expression, without regard to case, that the statement matches"),
    share: z.number().gt(0).max(1).default(1).describe("part of the statements that match"),
    side: z.enum(["client", "server", "both"]).default("both").describe("whom to cut off"),
    how: z.enum(["fin", "rst", "silent"]).default("rst").describe("an end, a reset, or silence"),
    times: z.int().min(0).default(0).describe("after so many cuts it does nothing more; 0: no end"),
  }),
  create({ link, share, ...cut }, context) {
    const attributes = { ...cut, probability: share };
    const settings = toxic.settings.parse({ link, type: "postgres_cut", attributes });
    return toxic.create(settings, context);
  },
});
