import type { HttpApi } from "../../scenario/target.ts";

/** Routes and fields of our own service (`doubletake serve`): what a scenario that maps nothing gets. */
export const referenceApi: HttpApi = {
  enqueue: { request: "POST /jobs", body: { count: "{count}" }, jobs: "ids.*", each: false },
  claim: {
    request: "POST /claims",
    body: { bot: "{bot}", limit: "{limit}" },
    empty: [204],
    conflict: [409],
    failed: [503],
    job: "claims.*.job",
    attempt: "claims.*.attempt",
    claim: "claims.*.id",
  },
  start: {
    request: "POST /claims/{claim}/start",
    body: { bot: "{bot}" },
    refused: [410],
    failed: [503],
    work: { a: "a", b: "b" },
  },
  heartbeat: {
    request: "POST /claims/{claim}/heartbeat",
    body: { bot: "{bot}" },
    refused: [410],
    failed: [503],
  },
  complete: {
    request: "POST /claims/{claim}/complete",
    body: { bot: "{bot}", result: "{result}" },
    refused: [410],
    failed: [503],
  },
  fail: {
    request: "POST /claims/{claim}/fail",
    body: { bot: "{bot}", error: "{error}" },
    refused: [410],
    failed: [503],
  },
  resume: {
    request: "GET /bots/{bot}/claims",
    failed: [503],
    job: "claims.*.job",
    attempt: "claims.*.attempt",
    claim: "claims.*.id",
    work: { a: "claims.*.a", b: "claims.*.b" },
    status: "claims.*.status",
  },
  rescue: {
    request: "POST /rescues",
    failed: [503],
    job: "rescued.*.job",
    attempt: "rescued.*.attempt",
  },
};
