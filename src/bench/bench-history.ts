import { nsPerMs } from "../base/clock.ts";
import { EventTable } from "../history/event-table.ts";
import type { EnqueueDetail, HistoryEvent, InspectDetail } from "../history/event.ts";
import { foreignHeader } from "../history/foreign-header.ts";
import type { HistoryHeader } from "../history/header.ts";
import { WitnessTable } from "../history/witness-table.ts";
import type { Witness } from "../history/witness.ts";

type Event = Omit<HistoryEvent, "i">;

const bots = 20;
const leaseMs = 60_000;
/** Three operations a job, two events each. */
const eventsPerJob = 6;
const nsBetweenEvents = 7_000;

/**
 * A legal history of about `size` events: one round, twenty bots with interleaved claims that each start and complete
 * one job after the other under leases, and the inspections of a run. Now and then a claim loses a race, or its answer.
 */
export function benchHistory(size: number): {
  readonly header: HistoryHeader;
  readonly events: EventTable;
} {
  const jobs = Math.max(bots, Math.floor(size / eventsPerJob));
  const writer = new Writer();
  const named = { round: 0, strategy: "unnamed", role: "subject", constraints: true } as const;
  const round = { ...named, leaseMs, rescueEveryMs: 1_000 };
  writer.note({ op: "round", detail: { ...round, event: "begin" } });
  writer.add({ op: "enqueue", type: "invoke" });
  writer.add({ op: "enqueue", type: "ok", detail: { jobs: [[1, jobs]] } });
  writer.note({ op: "phase", detail: { phase: "load", event: "begin" } });
  writer.note({ op: "inspect", detail: agreement });
  for (let first = 1; first <= jobs; first += bots)
    writer.turn(first, Math.min(bots, jobs + 1 - first));
  writer.note({ op: "phase", detail: { phase: "load", event: "end" } });
  for (const detail of inspections(jobs)) writer.note({ op: "inspect", detail });
  writer.note({ op: "round", detail: { ...round, event: "end" } });
  return { header: foreignHeader("bench.ndjson", writer.events), events: writer.events };
}

class Writer {
  readonly events = new EventTable();
  #t = 0;

  /** Each of the first `count` bots takes one job from `first` on, all at once. */
  turn(first: number, count: number): void {
    for (let bot = 1; bot <= count; bot++) this.add({ bot, op: "claim", type: "invoke" });
    for (let bot = 1; bot <= count; bot++) this.#claimed(bot, first + bot - 1);
    for (const op of ["start", "complete"] as const) {
      for (let bot = 1; bot <= count; bot++) {
        this.add({ bot, op, type: "invoke", job: first + bot - 1, attempt: 1 });
      }
      for (let bot = 1; bot <= count; bot++) {
        this.add({ bot, op, type: "ok", job: first + bot - 1, attempt: 1 });
      }
    }
  }

  add(event: Omit<Event, "t">): void {
    this.events.push({ t: this.#t, ...event });
    this.#t += nsBetweenEvents;
  }

  note(event: Pick<Event, "op" | "detail">): void {
    this.add({ ...event, type: "info" });
  }

  #claimed(bot: number, job: number): void {
    if (job % 97 === 0) {
      this.add({ bot, op: "claim", type: "failed", code: "40001" });
      this.add({ bot, op: "claim", type: "invoke" });
    }
    if (job % 89 === 0) {
      this.add({ bot, op: "claim", type: "unknown", code: "ECONNRESET" });
      this.add({ bot, op: "resume", type: "invoke" });
      this.add({ bot, op: "resume", type: "ok", job, attempt: 1 });
    } else {
      this.add({ bot, op: "claim", type: "ok", job, attempt: 1 });
    }
  }
}

const agreement: InspectDetail = { what: "agreement", count: 0, rows: [] };

function inspections(jobs: number): readonly InspectDetail[] {
  const refused = { present: true, rejectedWith: "23505", expected: "23505" };
  return [
    agreement,
    { what: "verification", queries: [{ name: "any", count: 0, rows: [] }] },
    { what: "constraints", constraints: [{ name: "one_bot_per_job", ...refused }] },
    {
      what: "final",
      jobs: [{ status: "succeeded", ids: [[1, jobs]] }],
      effects: { total: jobs, repeated: [], repeatedCount: 0, missing: [], missingCount: 0 },
    },
  ];
}

/** What a database would have told of `benchHistory`: seven changes of rows for the six events of a job. */
export function benchWitness(events: EventTable): Witness {
  const changes = new WitnessTable();
  let xid = 700;
  const row = (job: number, at: number, values: Partial<JobRow>): void => {
    const before: JobRow = { status: "pending", bot: null, attempt: 1 };
    const kind = values.attempt === 0 ? "insert" : "update";
    changes.push({ of: "job", kind, round: 0, xid, at, job, ...before, ...values });
  };
  const pointer = (bot: number, at: number, job: number | null): void =>
    void changes.push({ of: "bot", kind: "update", round: 0, xid, at, bot, job });
  for (let event = 0; event < events.length; event++) {
    const [op, at] = [events.op(event), events.t(event) - nsBetweenEvents / 2];
    const [bot, job] = [events.bot(event), events.job(event)];
    if (events.type(event) !== "ok") continue;
    xid++;
    if (op === "enqueue") {
      const { jobs } = events.detail(event) as EnqueueDetail;
      for (const [first, last] of jobs)
        for (let id = first; id <= last; id++) row(id, at, { attempt: 0 });
    } else if (op === "complete") {
      row(job, at, { status: "succeeded" });
      pointer(bot, at, null);
      changes.push({ of: "effect", round: 0, xid, at, job, attempt: 1, bot, value: 3 });
    } else {
      const leaseUntil = at + leaseMs * nsPerMs;
      row(job, at, { status: op === "start" ? "processing" : "claimed", bot, leaseUntil });
      if (op !== "start") pointer(bot, at, job);
    }
  }
  const [from, to] = [0, changes.length];
  const round = { round: 0, source: "decoding", isWhole: true, uncertaintyNs: 1_000 } as const;
  return { source: "decoding", changes, rounds: [{ ...round, changes, from, to }], warnings: [] };
}

interface JobRow {
  readonly status: string;
  readonly bot: number | null;
  readonly attempt: number;
  readonly leaseUntil?: number;
}
