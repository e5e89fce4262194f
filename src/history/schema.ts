import { z } from "zod";
import { eventTypes, operations } from "./event.ts";

/** The lines of `history.ndjson` as schemas: for other systems that write one, and for the header, which is read once. */

const count = z.int().min(0);
const int32 = z.int().min(0).max(2_147_483_647);
const jobRange = z.tuple([count, count]).describe("first and last job, both inclusive");

const claimDetail = z.looseObject({
  intendedAt: z.number().optional().describe("on invoke: when the claim was meant to start, ns"),
  limit: count.optional().describe("on invoke: how many jobs were asked for at most; absent: 1"),
  more: z
    .array(z.looseObject({ job: count, attempt: int32.optional() }))
    .optional()
    .describe("on ok: the jobs granted beyond the first"),
});

const enqueueDetail = z.looseObject({ jobs: z.array(jobRange) });

const roundDetail = z.looseObject({
  event: z.enum(["begin", "end"]),
  round: count,
  strategy: z.string(),
  role: z.enum(["subject", "control"]),
  constraints: z.boolean(),
});

const finalDetail = z.looseObject({
  what: z.literal("final"),
  jobs: z.array(z.looseObject({ status: z.string(), ids: z.array(jobRange) })),
  effects: z.looseObject({
    total: count,
    repeated: z.array(z.looseObject({ job: count, times: count })),
    repeatedCount: count,
    missing: z.array(count),
    missingCount: count,
  }),
});

const detail = z
  .union([claimDetail, enqueueDetail, roundDetail, finalDetail, z.looseObject({})])
  .describe(
    "by op: claim (intendedAt, limit, more), enqueue (jobs), round, inspect with what: final; other notes have other fields",
  );

const noteOperations = ["connection", "fault", "inspect", "phase", "wave", "round"] as const;

const fields = {
  i: count
    .nullish()
    .describe("0, 1, 2 … in the order of recording; absent: the order of the lines"),
  t: z.number().describe("nanoseconds since the run began, on one monotonic clock"),
  bot: int32.nullish().describe("who; absent for the harness itself"),
  job: count.nullish(),
  attempt: int32.nullish().describe("1, 2, 3 … per job: the fencing number of the claim"),
  code: z.string().nullish().describe("SQLSTATE or network error of a failed or unknown operation"),
  detail: detail.nullish(),
};

const operationEvent = z.looseObject({
  ...fields,
  op: z.enum(operations).exclude(noteOperations),
  type: z.enum(eventTypes).exclude(["info"]),
});

const noteEvent = z.looseObject({
  ...fields,
  op: z.enum(noteOperations),
  type: z.literal("info"),
});

export const eventSchema = z.union([operationEvent, noteEvent]);

const planSchema = z.looseObject({
  seed: z.int(),
  scenario: z.looseObject({
    name: z.string(),
    jobs: z.looseObject({ count }),
    bots: z.looseObject({ count }),
    load: z.looseObject({ kind: z.string() }),
  }),
  rounds: z.array(
    z.looseObject({
      round: count,
      strategy: z.string(),
      role: z.enum(["subject", "control"]),
      constraints: z.boolean(),
      faults: z.array(z.looseObject({ id: z.string(), injectAtMs: z.array(z.number()) })),
    }),
  ),
});

/** The first line. Another system may leave out all but `format` and `version`, or the line. */
export const headerSchema = z.looseObject({
  format: z.literal("doubletake-history"),
  version: z.literal(1),
  startedAt: z.string().optional(),
  doubletake: z.string().optional(),
  plan: planSchema.optional(),
  environment: z.looseObject({}).optional(),
  strategies: z.record(z.string(), z.string()).optional(),
});

/** JSON Schema (draft 2020-12) of one line of a history. */
export function historyJsonSchema(): unknown {
  return z.toJSONSchema(z.union([headerSchema, operationEvent, noteEvent]), { io: "input" });
}
