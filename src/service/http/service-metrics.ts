import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Outcome } from "../outcome.ts";
import type { QueueState } from "../monitoring.ts";

/** A claim takes from a fraction of a millisecond to, behind a lock, seconds. */
const secondsBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

const statuses = ["pending", "claimed", "processing", "succeeded", "failed", "dead"];

/** What the service counts itself, and what it asks the database for when it is scraped; Prometheus text format. */
export class ServiceMetrics {
  readonly middleware: MiddlewareHandler;
  readonly #registry = new Registry();
  readonly #readState: () => Promise<QueueState>;
  readonly #operations: Counter<"operation" | "outcome">;
  readonly #violations: Counter<"code">;
  readonly #jobs: Gauge<"status">;
  readonly #stuck: Gauge<"state">;
  readonly #oldest: Gauge;
  readonly #inconsistencies: Gauge<"query">;

  constructor(readState: () => Promise<QueueState>) {
    this.#readState = readState;
    const registers = [this.#registry];
    this.#operations = new Counter({
      name: "doubletake_operations_total",
      help: "Operations of bots by how they ended; unknown: the database's answer was lost",
      labelNames: ["operation", "outcome"],
      registers,
    });
    this.#violations = new Counter({
      name: "doubletake_constraint_violations_total",
      help: "Statements that a constraint refused, by SQLSTATE",
      labelNames: ["code"],
      registers,
    });
    this.#jobs = new Gauge({
      name: "doubletake_jobs",
      help: "Jobs by state",
      labelNames: ["status"],
      registers,
    });
    this.#stuck = new Gauge({
      name: "doubletake_stuck_jobs",
      help: "Jobs that should have moved: due and not claimed, or held though their lease ran out",
      labelNames: ["state"],
      registers,
    });
    this.#oldest = new Gauge({
      name: "doubletake_oldest_pending_seconds",
      help: "How long the oldest pending job has been due",
      registers,
    });
    this.#inconsistencies = new Gauge({
      name: "doubletake_inconsistent_rows",
      help: "Rows that a verification query finds, such as jobs with several bots: duplicate assignments",
      labelNames: ["query"],
      registers,
    });
    this.middleware = requestTimer(registers);
  }

  /** Counts one operation of a bot, and passes its outcome on. */
  observe<T>(operation: string, outcome: Outcome<T>): Outcome<T> {
    this.#operations.inc({ operation, outcome: outcomeName(outcome) });
    if ("code" in outcome && outcome.code.startsWith("23"))
      this.#violations.inc({ code: outcome.code });
    return outcome;
  }

  /** What `GET /metrics` answers. Throws what `pg` throws. */
  async exposition(): Promise<{ readonly text: string; readonly contentType: string }> {
    const state = await this.#readState();
    for (const status of statuses) this.#jobs.set({ status }, state.jobsByStatus[status] ?? 0);
    this.#stuck.set({ state: "pending" }, state.stuckPending);
    this.#stuck.set({ state: "held" }, state.stuckHeld);
    this.#oldest.set(state.oldestPendingS);
    for (const [query, count] of Object.entries(state.inconsistencies)) {
      this.#inconsistencies.set({ query }, count);
    }
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }
}

function outcomeName(outcome: Outcome<unknown>): string {
  if (outcome.kind === "ok" || outcome.kind === "empty") return outcome.kind;
  return outcome.retryable ? "conflict" : outcome.kind;
}

/** By the route's pattern, never by the address: an id in a label would be a series of its own. */
function requestTimer(registers: Registry[]): MiddlewareHandler {
  const seconds = new Histogram({
    name: "doubletake_request_duration_seconds",
    help: "Time from a request to its answer",
    labelNames: ["route", "status"],
    buckets: secondsBuckets,
    registers,
  });
  return async (context, next) => {
    const startedAt = performance.now();
    await next();
    const labels = { route: routePath(context, -1), status: String(context.res.status) };
    seconds.observe(labels, (performance.now() - startedAt) / 1_000);
  };
}
