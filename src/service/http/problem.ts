import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Failure } from "../outcome.ts";

/** Every way in which a request does not come to what it asked for: RFC 9457, one type each. */
export const problems = {
  "bad-request": { status: 400, title: "The request is not valid" },
  "not-found": { status: 404, title: "There is nothing at this address" },
  "method-not-allowed": { status: 405, title: "This address does not take this method" },
  "unsupported-media-type": { status: 415, title: "The body is not application/json" },
  "too-large": { status: 413, title: "The body is too large" },
  /** Lost to another bot: worth trying again at once. */
  conflict: { status: 409, title: "Lost to another bot; try again" },
  /** The fence: whoever asks does not hold this claim. */
  "claim-lost": { status: 410, title: "The claim is not this bot's any more" },
  defect: { status: 500, title: "A defect in the service" },
  /** It certainly did not happen. */
  unavailable: {
    status: 503,
    title: "It did not happen: the database refused, or cannot be reached",
  },
  /** It may have happened: ask what the bot holds before trying again. */
  "outcome-unknown": { status: 504, title: "It may have happened: the database's answer was lost" },
} as const satisfies Readonly<
  Record<string, { readonly status: ContentfulStatusCode; readonly title: string }>
>;
export type ProblemName = keyof typeof problems;

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: "urn:doubletake:problem:claim-lost" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    /** SQLSTATE, or a network error such as ECONNRESET. */
    code: z.string().optional(),
    errors: z
      .array(z.object({ where: z.string(), what: z.string() }))
      .optional()
      .openapi({ description: "What is wrong with the request, and where" }),
  })
  .openapi("Problem");

export interface ProblemParts {
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly { readonly where: string; readonly what: string }[];
}

/** Thrown by a handler; `problemResponse` is what the client gets. */
export class Problem extends Error {
  readonly kind: ProblemName;
  readonly parts: ProblemParts;

  constructor(kind: ProblemName, parts: ProblemParts = {}) {
    super(parts.detail ?? problems[kind].title);
    this.kind = kind;
    this.parts = parts;
  }
}

export function problemResponse(context: Context, { kind, parts }: Problem): Response {
  const { status, title } = problems[kind];
  // What is left of a body that nobody reads must not be taken for the next request.
  if (kind === "too-large") context.header("connection", "close");
  const body = { type: `urn:doubletake:problem:${kind}`, title, status, ...parts };
  return context.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}

/** What the database did not do, or may have done. */
export function failureProblem({ code, message, kind, retryable }: Failure): Problem {
  const parts = { code, detail: message };
  if (kind === "unknown") return new Problem("outcome-unknown", parts);
  return new Problem(retryable ? "conflict" : "unavailable", parts);
}
