import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { packageVersion } from "../../base/package-root.ts";
import type { Claim } from "../claim-run.ts";
import { classifyError } from "../outcome.ts";
import type { Outcome } from "../outcome.ts";
import { claimId, parseClaimId } from "./claim-id.ts";
import type { ClaimService } from "./claim-service.ts";
import { failureProblem, Problem, problemResponse } from "./problem.ts";
import { routes } from "./routes.ts";
import type { ServiceMetrics } from "./service-metrics.ts";

export interface AppOptions {
  readonly service: ClaimService;
  /** The strategy tells bots their attempts: then a claim is named with its attempt, or not at all. */
  readonly tellsAttempts: () => boolean;
  readonly metrics: ServiceMetrics;
  /** Makes a bot known, so that a job can be held by it; throws what `pg` throws. */
  readonly registerBot: (bot: number) => Promise<void>;
  /** Throws where the database does not answer. */
  readonly ping: () => Promise<void>;
}

const longestBody = 1_048_576;

/** The reference claim service over HTTP: JSON in and out, problems as RFC 9457. */
export function serviceApp(options: AppOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.error.issues);
    },
  });
  app.onError((error, context) => problemResponse(context, asProblem(error)));
  app.notFound((context) => {
    const allowed = methodsAt(app, context.req.path);
    if (allowed.length === 0) return problemResponse(context, new Problem("not-found"));
    context.header("allow", allowed.join(", "));
    return problemResponse(context, new Problem("method-not-allowed"));
  });
  app.use(bodyLimit({ maxSize: longestBody, onError: () => raise(new Problem("too-large")) }));
  app.use(options.metrics.middleware);
  addJobRoutes(app, options);
  addClaimRoutes(app, options);
  addCareRoutes(app, options);
  app.get("/metrics", async (context) => {
    const { text, contentType } = await options.metrics.exposition();
    return context.body(text, 200, { "content-type": contentType });
  });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "doubletake reference claim service", version: packageVersion() },
  });
  return app;
}

function addJobRoutes(app: OpenAPIHono, { service }: AppOptions): void {
  app.openapi(routes.enqueue, async (context) => {
    const { count, type, priority, key, maxAttempts } = context.req.valid("json");
    const { jobs } = await service.enqueue(count, {
      ...(type === undefined ? {} : { types: [type] }),
      ...(priority === undefined ? {} : { priorities: [priority] }),
      ...(key === undefined ? {} : { keys: [key] }),
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
    });
    const ids = jobs.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, place) => first + place),
    );
    return context.json({ ids }, 201);
  });
  app.openapi(routes.deadLetters, async (context) =>
    context.json({ jobs: [...(await service.deadLetters())] }, 200),
  );
  app.openapi(routes.redrive, async (context) => {
    const { jobs } = context.req.valid("json");
    const ids = valueOr(await service.redrive(jobs), []);
    return context.json({ ids: [...ids] }, 200);
  });
}

function addClaimRoutes(
  app: OpenAPIHono,
  { service, registerBot, tellsAttempts }: AppOptions,
): void {
  const named = (id: string): Claim => fullyNamed(parseClaimId(id), tellsAttempts());
  app.openapi(routes.claim, async (context) => {
    const { bot, limit, types } = context.req.valid("json");
    await registerBot(bot);
    const granted = valueOr(await service.claim(bot, { limit, types: types ?? null }), null);
    if (granted === null) return context.body(null, 204);
    return context.json({ claims: granted.map(claimAnswer) }, 200);
  });
  app.openapi(routes.start, async (context) => {
    const { bot } = context.req.valid("json");
    const claim = named(context.req.valid("param").claim);
    return context.json(fencedValue(await service.start(bot, claim)), 200);
  });
  app.openapi(routes.heartbeat, async (context) => {
    const { bot } = context.req.valid("json");
    const claim = named(context.req.valid("param").claim);
    fencedValue(await service.heartbeat({ bot, claim }));
    return context.body(null, 204);
  });
  app.openapi(routes.complete, async (context) => {
    const { bot, result } = context.req.valid("json");
    const claim = named(context.req.valid("param").claim);
    fencedValue(await service.settle({ bot, claim }, { kind: "complete", result }));
    return context.body(null, 204);
  });
  app.openapi(routes.fail, async (context) => {
    const { bot, error } = context.req.valid("json");
    const claim = named(context.req.valid("param").claim);
    const settled = fencedValue(await service.settle({ bot, claim }, { kind: "fail", error }));
    return context.json({ ...(settled ?? { status: "pending" as const }) }, 200);
  });
  app.openapi(routes.resume, async (context) => {
    const { bot } = context.req.valid("param");
    const held = valueOr(await service.resume(bot), []);
    const claims = held.map(({ status, a, b, ...claim }) => ({
      ...claimAnswer(claim),
      status,
      a,
      b,
    }));
    return context.json({ claims }, 200);
  });
}

function addCareRoutes(app: OpenAPIHono, { service, ping }: AppOptions): void {
  app.openapi(routes.rescue, async (context) => {
    const rescued = valueOr(await service.rescue(), []);
    return context.json({ rescued: [...rescued] }, 200);
  });
  app.openapi(routes.health, async (context) => {
    try {
      await ping();
    } catch (error) {
      throw new Problem("unavailable", { detail: (error as Error).message });
    }
    return context.json({ status: "ok" as const }, 200);
  });
}

/** An id without its attempt would not be fenced, and whoever once held the job could settle it. */
function fullyNamed(claim: Claim, tellsAttempts: boolean): Claim {
  if (claim.attempt !== null || !tellsAttempts) return claim;
  const errors = [{ where: "claim", what: "lacks its attempt: 9-1" }];
  throw new Problem("bad-request", { detail: "see errors", errors });
}

function claimAnswer({ job, attempt }: Claim) {
  return { id: claimId({ job, attempt }), job, attempt };
}

/** The value, or what stands for nothing; throws what the database did not do, or may have done. */
function valueOr<T, N>(outcome: Outcome<T>, nothing: N): T | N {
  if (outcome.kind === "ok") return outcome.value;
  if (outcome.kind === "empty") return nothing;
  throw failureProblem(outcome);
}

/** Nothing means here that the claim is not the bot's any more. */
function fencedValue<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "ok") return outcome.value;
  throw outcome.kind === "empty" ? new Problem("claim-lost") : failureProblem(outcome);
}

function invalid(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Problem {
  const errors = issues.map(({ path, message }) => ({
    where: path.join(".") || "body",
    what: message,
  }));
  return new Problem("bad-request", { detail: "see errors", errors });
}

/** The methods that an address takes; what stands before every route stands there for any method. */
function methodsAt(app: OpenAPIHono, path: string): readonly string[] {
  const handlers = (method: string): number => app.router.match(method, path)[0].length;
  const always = handlers("NONE");
  return ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) => handlers(method) > always);
}

/** Hono tells of a body that it cannot read by exceptions of its own, with a status. */
function asProblem(error: Error): Problem {
  if (error instanceof Problem) return error;
  const { status } = error as { status?: number };
  if (status === 400) return new Problem("bad-request", { detail: error.message });
  if (status === 415) return new Problem("unsupported-media-type");
  if ((error as { code?: string }).code === undefined) {
    return new Problem("defect", { detail: error.message });
  }
  return failureProblem(classifyError(error, alone));
}

/** A statement of the service's own is a transaction of its own. */
const alone = { sent: true, committing: false, committedBefore: false, inTransaction: false };

function raise(error: Error): never {
  throw error;
}
