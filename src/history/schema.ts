import { z } from "zod";
import { eventTypes, noteOperations } from "./event.ts";
import type { Operation } from "./event.ts";

/** The lines of `history.ndjson` as schemas: for other systems that write one, and for the header, which is read once. */

const count = z.int().min(0);
const int32 = z.int().min(0).max(2_147_483_647);
const index = count.nullish();

/** More jobs than anybody enqueues at once; a range without a bound would be walked for ever. */
const mostJobs = 100_000_000;

const jobRange = z
  .tuple([count, count])
  .refine(([first, last]) => first <= last && last - first < mostJobs, {
    error: `the first job stands before the last, and there are at most ${mostJobs} of them`,
  })
  .describe("first and last job, both inclusive");

const claimDetail = z
  .looseObject({
    intendedAt: z.number().optional().describe("when the claim was meant to start, ns"),
    limit: count.optional().describe("how many jobs were asked for at most; absent: 1"),
    more: z
      .array(z.looseObject({ job: count, attempt: int32.optional() }))
      .optional()
      .describe("jobs granted beyond the first"),
  })
  .describe("on invoke: intendedAt, limit; on ok: more");

const enqueueDetail = z.looseObject({
  jobs: z.array(jobRange),
  keys: z
    .array(z.looseObject({ key: z.string(), jobs: z.array(jobRange) }))
    .optional()
    .describe("jobs of one key are done one at a time, in the order of their numbers"),
});

const failDetail = z
  .looseObject({
    status: z.enum(["pending", "dead"]).describe("dead: no attempt was left"),
    retryInMs: z.number().min(0).optional().describe("how long it must wait to be claimed again"),
  })
  .describe("on ok: what became of the job; absent: it may be claimed at once");

const rescueDetail = z
  .looseObject({
    jobs: z.array(
      z.looseObject({
        job: count,
        attempt: int32.optional().describe("the attempt that was taken away"),
        bot: int32.optional().describe("from whom"),
        isDead: z.literal(true).optional().describe("no attempt was left"),
      }),
    ),
  })
  .describe("on ok: the claims that were taken from their holders");

const redriveDetail = z
  .looseObject({ jobs: z.array(jobRange) })
  .describe("on ok: the dead jobs that are pending again");

const roundDetail = z.looseObject({
  event: z.enum(["begin", "end"]),
  round: count,
  strategy: z.string(),
  role: z.enum(["subject", "control"]),
  constraints: z.boolean(),
  leaseMs: z.number().min(0).optional().describe("how long a claim is good for; absent: no lease"),
  retry: z
    .looseObject({
      baseMs: z.number().min(0),
      capMs: z.number().min(0),
      jitter: z.number().min(0).max(1),
    })
    .optional()
    .describe("after attempt n a job waits least(cap, base * 2^(n-1)), less up to the part jitter"),
  rescueEveryMs: z.number().min(0).optional().describe("how often expired claims are looked for"),
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

const agreementDetail = z.looseObject({
  what: z.literal("agreement"),
  count,
  rows: z.array(
    z.looseObject({
      job: z.int().optional(),
      bot: z.int().optional(),
      problem: z.string(),
    }),
  ),
});

const verificationDetail = z.looseObject({
  what: z.literal("verification"),
  queries: z.array(z.looseObject({ name: z.string(), count, rows: z.array(z.looseObject({})) })),
});

const constraintsDetail = z.looseObject({
  what: z.literal("constraints"),
  constraints: z.array(
    z.looseObject({
      name: z.string(),
      present: z.boolean(),
      rejectedWith: z.string().nullable(),
      expected: z.string(),
    }),
  ),
});

const locksDetail = z.looseObject({
  what: z.literal("locks"),
  count,
  rows: z.array(
    z.looseObject({
      kind: z.enum(["advisory lock", "idle in transaction", "prepared transaction"]),
      holder: z.string(),
      held: z.string(),
    }),
  ),
});

const inspectDetail = z.discriminatedUnion("what", [
  agreementDetail,
  verificationDetail,
  constraintsDetail,
  locksDetail,
  finalDetail,
]);

const otherDetail = z.looseObject({});

/** The details that are more than an object: what the checks read without looking twice. */
export const detailSchemas: Readonly<Partial<Record<Operation, z.ZodType>>> = {
  claim: claimDetail,
  enqueue: enqueueDetail,
  fail: failDetail,
  rescue: rescueDetail,
  redrive: redriveDetail,
  inspect: inspectDetail,
  round: roundDetail,
  phase: z.looseObject({ phase: z.string(), event: z.enum(["begin", "end"]) }),
  wave: z.looseObject({ wave: count, event: z.enum(["begin", "end"]) }),
  fault: z.looseObject({ fault: z.string(), kind: z.string(), event: z.string() }),
  connection: z.looseObject({ event: z.string(), listener: count.optional() }),
  look: z.looseObject({ repeats: count, comparisons: count, decided: count, stops: z.boolean() }),
};

const outcome = z.enum(eventTypes).exclude(["info"]);
const plainOperations = [
  "start",
  "heartbeat",
  "complete",
  "fail",
  "resume",
  "rescue",
  "redrive",
] as const;

/** One schema for every operation, so that its detail is known. */
const eventSchemas = [
  ...(["claim", "enqueue"] as const).map((op) => eventOf(op, outcome)),
  ...plainOperations.map((op) => eventOf(op, outcome)),
  ...noteOperations.map((op) => eventOf(op, z.literal("info"))),
] as const;

export const eventSchema = z.union(eventSchemas);

function eventOf(op: Operation, type: z.ZodType) {
  return z.looseObject({
    i: index.describe("0, 1, 2 … in the order of recording; absent: the order of the lines"),
    t: z.number().describe("nanoseconds since the run began, on one monotonic clock"),
    op: z.literal(op),
    type,
    bot: int32.nullish().describe("who; absent for the harness itself"),
    job: index,
    attempt: int32.nullish().describe("1, 2, 3 … per job: the fencing number of the claim"),
    code: z.string().nullish().describe("SQLSTATE or network error, where it failed"),
    detail: (detailSchemas[op] ?? otherDetail).nullish(),
  });
}

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

/** How a strategy claims, for a reader of the report. */
const claimSql = z.looseObject({
  transaction: z.string(),
  steps: z.array(z.looseObject({ name: z.string(), sql: z.string() })),
});

/** The first line. Another system may leave out all but `format` and `version`, or the line. */
export const headerSchema = z.looseObject({
  format: z.literal("doubletake-history"),
  version: z.literal(1),
  startedAt: z.string().optional(),
  doubletake: z.string().optional(),
  plan: planSchema.optional(),
  questions: z
    .array(z.string())
    .optional()
    .describe("what the tables are asked at the end of each round"),
  environment: z.looseObject({}).optional(),
  strategies: z.record(z.string(), z.string()).optional(),
  claimSql: z.record(z.string(), claimSql).optional(),
});

/** JSON Schema (draft 2020-12) of one line of a history. */
export function historyJsonSchema(): unknown {
  return z.toJSONSchema(z.union([headerSchema, eventSchema]), {
    io: "input",
    reused: "ref",
  });
}
