import { createRoute } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import { problems, problemSchema } from "./problem.ts";
import type { ProblemName } from "./problem.ts";
import * as schemas from "./schemas.ts";

/** What any request that changes something may come to. */
const failing = problemAnswers("bad-request", "conflict", "unavailable", "outcome-unknown");
/** And one that is about a claim. */
const fenced = { ...failing, ...problemAnswers("claim-lost") };

/** Every route of the service, as OpenAPI describes it; `app.ts` says what each does. */
export const routes = {
  enqueue: createRoute({
    method: "post",
    path: "/jobs",
    summary: "Add jobs",
    request: body(schemas.newJobs),
    responses: {
      201: answer("Acknowledged: none of them may be lost", schemas.jobIds),
      ...failing,
    },
  }),
  claim: createRoute({
    method: "post",
    path: "/claims",
    summary: "Ask for jobs",
    request: body(schemas.claimRequest),
    responses: {
      200: answer("Granted", schemas.claims),
      204: { description: "No job is free" },
      ...failing,
    },
  }),
  start: createRoute({
    method: "post",
    path: "/claims/{claim}/start",
    summary: "Begin the work: claimed → processing",
    request: { params: schemas.claimParameter, ...body(schemas.holder) },
    responses: { 200: answer("Begun", schemas.work), ...fenced },
  }),
  heartbeat: createRoute({
    method: "post",
    path: "/claims/{claim}/heartbeat",
    summary: "Make the claim last longer",
    request: { params: schemas.claimParameter, ...body(schemas.holder) },
    responses: { 204: { description: "It lasts another lease from now" }, ...fenced },
  }),
  complete: createRoute({
    method: "post",
    path: "/claims/{claim}/complete",
    summary: "Settle the claim as done",
    request: { params: schemas.claimParameter, ...body(schemas.completion) },
    responses: { 204: { description: "Done" }, ...fenced },
  }),
  fail: createRoute({
    method: "post",
    path: "/claims/{claim}/fail",
    summary: "Settle the claim as failed: it is tried again later, or dead",
    request: { params: schemas.claimParameter, ...body(schemas.failure) },
    responses: { 200: answer("What became of the job", schemas.failed), ...fenced },
  }),
  resume: createRoute({
    method: "get",
    path: "/bots/{bot}/claims",
    summary: "What does this bot hold? To be asked after an answer was lost",
    request: { params: schemas.botParameter },
    responses: { 200: answer("All that it holds", schemas.heldClaims), ...failing },
  }),
  rescue: createRoute({
    method: "post",
    path: "/rescues",
    summary: "Take claims whose lease has run out from their holders",
    responses: { 200: answer("What was taken", schemas.rescued), ...failing },
  }),
  deadLetters: createRoute({
    method: "get",
    path: "/dead-letters",
    summary: "Jobs that nobody will try again",
    responses: { 200: answer("The longest dead first, at most a thousand", schemas.deadLetters) },
  }),
  redrive: createRoute({
    method: "post",
    path: "/dead-letters/redrive",
    summary: "Make dead jobs pending again",
    request: body(schemas.redriveRequest),
    responses: { 200: answer("Which ones", schemas.jobIds), ...failing },
  }),
  health: createRoute({
    method: "get",
    path: "/health",
    summary: "Does the service reach its database?",
    responses: { 200: answer("It does", schemas.health), ...problemAnswers("unavailable") },
  }),
};

function body<T extends z.ZodType>(schema: T) {
  return { body: { required: true, content: { "application/json": { schema } } } } as const;
}

function answer<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { "application/json": { schema } } } as const;
}

/** The answers by their status. */
function problemAnswers(...names: readonly ProblemName[]) {
  const schema = { "application/problem+json": { schema: problemSchema } };
  const entries = names.map((name) => {
    const { status, title } = problems[name];
    return [status, { description: title, content: schema }] as const;
  });
  return Object.fromEntries(entries) as Readonly<
    Record<409 | 400 | 410 | 503 | 504, { description: string; content: typeof schema }>
  >;
}
