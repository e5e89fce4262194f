import { z } from "zod";
import { durationMs } from "./duration.ts";
import { hinted } from "./problem.ts";

/** A status code, or a class of them: 404, "5xx". */
const status = z.union([z.int().min(100).max(599), z.stringFormat("status class", /^[1-5]xx$/)]);
const statuses = z.array(status).max(20);

const request = z
  .string()
  .regex(/^(GET|POST|PUT|PATCH|DELETE) \/\S*$/, {
    error: hinted("not a request", "write a method and a path: POST /leases/{claim}/done"),
  })
  .describe("Method and path; {bot}, {job}, {attempt}, {claim}, {count} … are filled in");

const path = z.string().regex(/^[\w$-]+(\.[\w$*-]+)*$|^\*(\.[\w$*-]+)*$/, {
  error: hinted("not a path into JSON", "write names with dots, * for every element: items.*.id"),
});

const operation = {
  request,
  body: z.json().optional().describe('What is sent as JSON; "{bot}" alone keeps its type'),
  /** Beside 4xx, which certainly did nothing: what a service answers when it knows that nothing happened. */
  failed: statuses.optional().describe("Statuses that mean it certainly did not happen (4xx do)"),
};

const work = z
  .strictObject({ a: path, b: path })
  .optional()
  .describe("Where the answer has the two numbers that the work is to add up");

const conflict = statuses.default([]).describe("Statuses that mean: lost to another, try again");
const refused = statuses
  .default([404, 409, 410])
  .describe("Statuses that mean: the claim is not this bot's any more");

/** How a claim service of somebody else's is asked, and where its answers hold what a bot must know. */
export const httpApi = z.strictObject({
  enqueue: z.strictObject({
    ...operation,
    jobs: path.describe("Where the answer has the ids of the new jobs: items.*.id"),
    each: z.boolean().default(false).describe("One request a job, not one for all of them"),
  }),
  claim: z.strictObject({
    ...operation,
    empty: statuses.default([204]).describe("Statuses that mean: there is no job"),
    conflict,
    job: path.describe("Where the answer has the job's id; absent there: no job"),
    attempt: path.optional().describe("Where it has the number of the attempt, if it tells it"),
    claim: path
      .optional()
      .describe("What names the claim in later requests (default: the job's id)"),
    work,
  }),
  start: z.strictObject({ ...operation, refused, work }).optional(),
  heartbeat: z.strictObject({ ...operation, refused }).optional(),
  complete: z.strictObject({ ...operation, refused }),
  fail: z.strictObject({ ...operation, refused }).optional(),
  resume: z
    .strictObject({
      ...operation,
      job: path,
      attempt: path.optional(),
      claim: path.optional(),
      work,
      status: path.optional().describe("Where it says processing of a job that was started"),
    })
    .optional()
    .describe("What does the bot hold? To be asked after an answer was lost"),
  rescue: z
    .strictObject({ ...operation, job: path, attempt: path.optional() })
    .optional()
    .describe("Takes expired claims from their holders"),
  reset: z
    .strictObject({ ...operation })
    .optional()
    .describe("Before each round: forget all jobs"),
});

const service = z
  .union([
    z.strictObject({
      url: z
        .string()
        .regex(/^http:\/\/[^\s/@]+$/, {
          error: hinted("not the address of a service", "write http://host:port, without a path"),
        })
        .describe("A service that runs already"),
    }),
    z.strictObject({
      command: z.array(z.string()).min(1).describe("Started for each round, and ended after it"),
      env: z.record(z.string(), z.string()).default({}),
    }),
  ])
  .describe("Where a service is");

const http = z.strictObject({
  kind: z.literal("http"),
  services: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/), service)
    .optional()
    .describe(
      "Services by the names that strategies have; absent: the reference service, a strategy each",
    ),
  api: httpApi.optional().describe("Routes and fields; absent: those of the reference service"),
  ready: z
    .string()
    .regex(/^\/\S*$/)
    .default("/health")
    .describe("A path that answers 2xx once a started service takes requests"),
  startWithin: durationMs.prefault("10s"),
  verify: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
        sql: z.string().min(1).describe("Returns the rows that are wrong, on the run's database"),
      }),
    )
    .max(20)
    .default([])
    .describe("What must hold in the tables of a service that keeps them in DATABASE_URL"),
});

const module = z.strictObject({
  kind: z.literal("module"),
  modules: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/), z.string().min(1))
    .describe("Files whose default export opens a queue, by the names that strategies have"),
});

const reference = z.strictObject({ kind: z.literal("reference") });

/** The key `target` of a scenario file. */
export const targetKey = z
  .discriminatedUnion("kind", [reference, http, module])
  .default({ kind: "reference" })
  .describe("The system under test; absent: the reference service, called in this process");

export type TargetSpec = z.output<typeof targetKey>;
export type HttpTargetSpec = z.output<typeof http>;
export type ModuleTargetSpec = z.output<typeof module>;
export type ServiceSpec = z.output<typeof service>;
export type HttpApi = z.output<typeof httpApi>;
