import { EventTable } from "../../src/history/event-table.ts";
import type {
  ConnectionDetail,
  Detail,
  EventType,
  FailDetail,
  FaultDetail,
  InspectDetail,
  Operation,
  Phase,
  PhaseDetail,
  RescuedClaim,
  Role,
  RoundDetail,
} from "../../src/history/event.ts";
import { questions } from "../../src/history/header.ts";
import type { HistoryHeader } from "../../src/history/header.ts";
import type { PlannedFault, PlannedRound } from "../../src/plan/plan.ts";
import type { Load } from "../../src/scenario/load.ts";
import type { FaultSpec, Scenario } from "../../src/scenario/scenario.ts";
import type { Wake } from "../../src/scenario/wake.ts";

export interface HistoryOptions {
  readonly strategy?: string;
  readonly role?: Role;
  readonly constraints?: boolean;
  readonly bots?: number;
  readonly jobs?: number;
  readonly faults?: readonly FaultLine[];
  readonly load?: Load;
  readonly leases?: Pick<RoundDetail, "leaseMs" | "rescueEveryMs" | "retry">;
  /** How bots learn of work; absent: they ask again and again. */
  readonly wake?: Wake;
}

/** One line of `faults:`; its id is the kind and its place. */
export interface FaultLine {
  readonly kind: string;
  readonly settings?: unknown;
  /** When the plan injects it; absent: at once. */
  readonly atMs?: number;
}

interface Fields {
  readonly job?: number | undefined;
  readonly attempt?: number | undefined;
  readonly code?: string | undefined;
  readonly detail?: Detail | undefined;
}

const nsPerMs = 1_000_000;

/** Histories by hand: every event is one millisecond after the one before it. */
export class HistoryBuilder {
  readonly events = new EventTable();
  readonly #options: HistoryOptions;
  #rounds = 0;
  #t = 0;

  constructor(options: HistoryOptions = {}) {
    this.#options = options;
  }

  /** When the next event will be. */
  get nowMs(): number {
    return this.#t / nsPerMs;
  }

  at(ms: number): this {
    this.#t = ms * nsPerMs;
    return this;
  }

  begin(): this {
    return this.#round("begin");
  }

  end(): this {
    return this.#round("end");
  }

  phase(phase: Phase, event: PhaseDetail["event"], note?: "deadline" | "interrupted"): this {
    const detail = note === undefined ? { phase, event } : { phase, event, note };
    return this.#push("phase", "info", { detail });
  }

  /** The connection on which the bots of a process are told of jobs. */
  listener(event: ConnectionDetail["event"], listener = 1): this {
    return this.#push("connection", "info", { detail: { event, listener } });
  }

  /** Jobs `1` to `count` are acknowledged, or those from `first`. */
  enqueue(count: number, first = 1): this {
    this.#push("enqueue", "invoke", {});
    return this.#push("enqueue", "ok", { detail: { jobs: [[first, first + count - 1]] } });
  }

  /** Jobs `1` to `count`, dealt out to so many keys: job 1 has key `k1`, the next `k2`, and so on, over and over again. */
  enqueueKeyed(count: number, keys: number): this {
    const named = Array.from({ length: Math.min(keys, count) }, (_, at) => ({
      key: `k${at + 1}`,
      jobs: sequence(at + 1, count, keys).map((job) => [job, job] as const),
    }));
    this.#push("enqueue", "invoke", {});
    return this.#push("enqueue", "ok", { detail: { jobs: [[1, count]], keys: named } });
  }

  invoke(bot: number, op: Operation, fields: Fields = {}): this {
    return this.#push(op, "invoke", { bot, ...fields });
  }

  /** The completion of what the bot has open. */
  answer(bot: number, op: Operation, type: EventType, fields: Fields = {}): this {
    return this.#push(op, type, { bot, ...fields });
  }

  /** An invoke and its completion. */
  does(bot: number, op: Operation, type: EventType, fields: Fields = {}): this {
    const asked = op === "claim" || op === "resume" ? {} : fields;
    return this.invoke(bot, op, asked).answer(bot, op, type, fields);
  }

  granted(bot: number, job: number, attempt?: number): this {
    return this.does(bot, "claim", "ok", { job, attempt });
  }

  completed(bot: number, job: number, attempt?: number): this {
    return this.does(bot, "complete", "ok", { job, attempt });
  }

  released(bot: number, job: number, attempt?: number): this {
    return this.does(bot, "fail", "ok", { job, attempt });
  }

  failed(bot: number, job: number, detail: FailDetail & { readonly attempt?: number }): this {
    const { attempt, ...told } = detail;
    this.invoke(bot, "fail", { job, attempt });
    return this.answer(bot, "fail", "ok", { job, attempt, detail: told });
  }

  heartbeat(bot: number, job: number, attempt?: number, type: EventType = "ok"): this {
    return this.does(bot, "heartbeat", type, { job, attempt });
  }

  /** The harness looks for expired claims, and takes these; `empty` where there are none. */
  rescuedClaims(...jobs: readonly RescuedClaim[]): this {
    this.#push("rescue", "invoke", {});
    if (jobs.length === 0) return this.#push("rescue", "empty", {});
    return this.#push("rescue", "ok", { detail: { jobs } });
  }

  redriven(...jobs: readonly number[]): this {
    const ranges = jobs.map((job) => [job, job] as const);
    return this.#push("redrive", "invoke", {}).#push("redrive", "ok", { detail: { jobs: ranges } });
  }

  /** The harness takes a job back from whoever holds it. */
  rescued(job: number): this {
    return this.#push("rescue", "invoke", { job }).#push("rescue", "ok", { job });
  }

  fault(fault: string, event: FaultDetail["event"], code?: string): this {
    const kind = fault.replace(/-\d+$/, "");
    return this.#push("fault", "info", { code, detail: { fault, kind, event } });
  }

  inspect(detail: InspectDetail): this {
    return this.#push("inspect", "info", { detail });
  }

  agreement(count = 0): this {
    const rows = count === 0 ? [] : [{ job: 1, bot: 1, problem: "bot points elsewhere" }];
    return this.inspect({ what: "agreement", count, rows });
  }

  final(jobs: Readonly<Record<string, readonly (readonly [number, number])[]>>): this {
    const effects = { total: 0, repeated: [], repeatedCount: 0, missing: [], missingCount: 0 };
    const byStatus = Object.entries(jobs).map(([status, ids]) => ({ status, ids }));
    return this.inspect({ what: "final", jobs: byStatus, effects });
  }

  note(op: Operation, detail: Detail, bot?: number): this {
    return this.#push(op, "info", { detail, bot });
  }

  header(): HistoryHeader {
    return {
      format: "doubletake-history",
      version: 1,
      startedAt: "2026-01-01T00:00:00.000Z",
      doubletake: "0.1.0",
      questions,
      plan: { scenario: this.#scenario(), seed: 7, rounds: this.#plannedRounds() },
      environment: {
        postgres: "PostgreSQL 18.4, embedded",
        toxiproxy: "embedded",
        node: "20.20.2",
        platform: "linux-x64",
        cpus: 2,
        cpuModel: "test",
        versions: {},
        settings: {},
      },
      strategies: {},
    };
  }

  #push(
    op: Operation,
    type: EventType,
    fields: Fields & { readonly bot?: number | undefined },
  ): this {
    this.events.push({ t: this.#t, op, type, ...fields });
    this.#t += nsPerMs;
    return this;
  }

  #round(event: "begin" | "end"): this {
    const round = event === "begin" ? this.#rounds++ : this.#rounds - 1;
    const { strategy, role, constraints } = this.#planned(round);
    const named = { event, round, strategy, role, constraints };
    return this.#push("round", "info", { detail: { ...named, ...this.#options.leases } });
  }

  #planned(round: number): PlannedRound {
    const { strategy = "tested", role = "subject", constraints = true } = this.#options;
    const faults = this.#faults();
    return { round, repeat: round, strategy, role, constraints, seed: round, faults };
  }

  #plannedRounds(): PlannedRound[] {
    const count = Math.max(1, this.#rounds);
    return Array.from({ length: count }, (_, round) => this.#planned(round));
  }

  #faults(): PlannedFault[] {
    return (this.#options.faults ?? []).map(({ kind, settings, atMs = 0 }, at) => ({
      id: `${kind}-${at + 1}`,
      spec: faultSpec(kind, settings),
      injectAtMs: [atMs],
      healAtMs: null,
    }));
  }

  #scenario(): Scenario {
    const { strategy = "tested", bots = 2, jobs = 10, load = { kind: "drain" } } = this.#options;
    const { wake } = this.#options;
    return {
      file: "test.yaml",
      name: "test",
      description: "",
      tags: [],
      strategies: { subjects: [strategy], controls: [] },
      constraints: "subjects",
      jobs: { count: jobs, workMs: 0 },
      bots: {
        count: bots,
        connections: "per-bot",
        ...(wake === undefined ? {} : { wake: { subject: wake, control: wake } }),
      },
      load,
      repeat: 1,
      faults: (this.#options.faults ?? []).map(({ kind, settings }) => faultSpec(kind, settings)),
      expect: [],
      environment: {
        postgres: "embedded",
        toxiproxy: "embedded",
        settings: {},
        images: { postgres: "", toxiproxy: "" },
        witness: "off",
      },
      requires: [],
      deadlines: { loadMs: 1000, drainMs: 1000, statementMs: 1000 },
    };
  }
}

function faultSpec(kind: string, settings: unknown = {}): FaultSpec {
  return {
    kind,
    settings,
    moment: kind === "toxic" ? "span" : "instant",
    schedule: { fromMs: 0, toMs: null, everyMs: null, jitter: 0 },
    position: { line: 1, column: 1 },
  };
}

function sequence(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, at) => first + at * step);
}
