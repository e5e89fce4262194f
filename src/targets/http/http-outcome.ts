import type { Failure } from "../../service/outcome.ts";
import type { Answer, NoAnswer } from "./http-client.ts";

type Statuses = readonly (number | string)[];

/** Whether a status is one of those listed, or of a class of them ("5xx"). */
export function isOneOf(status: number, listed: Statuses): boolean {
  return listed.includes(status) || listed.includes(`${Math.floor(status / 100)}xx`);
}

/**
 * What an answer that is neither success nor one that the scenario names means.
 *
 * | answer                         | outcome                                                             |
 * |--------------------------------|---------------------------------------------------------------------|
 * | never sent (cannot connect)    | failed                                                              |
 * | sent, and no answer            | unknown                                                             |
 * | a status that says lost a race | failed, to be tried again at once                                   |
 * | 4xx, or a status listed failed | failed: the service refused                                         |
 * | any other                      | unknown: a service that fails may have done it before               |
 */
export function failureOf(
  { status }: Answer,
  lists: { readonly conflict?: Statuses | undefined; readonly failed?: Statuses | undefined },
): Failure {
  const code = `HTTP-${status}`;
  const message = `the service answered ${status}`;
  if (isOneOf(status, lists.conflict ?? []))
    return { kind: "failed", code, retryable: true, message };
  const isRefusal = isOneOf(status, ["4xx"]) || isOneOf(status, lists.failed ?? []);
  return { kind: isRefusal ? "failed" : "unknown", code, retryable: false, message };
}

export function noAnswerFailure({ sent, code, message }: NoAnswer): Failure {
  return { kind: sent ? "unknown" : "failed", code, retryable: false, message };
}
