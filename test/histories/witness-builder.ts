import { WitnessTable } from "../../src/history/witness-table.ts";
import type { WitnessSource } from "../../src/history/witness-change.ts";
import type { RoundWitness } from "../../src/history/witness.ts";

interface JobRow {
  status: string;
  bot: number | null;
  attempt: number;
  leaseUntil?: number;
  dueAt?: number;
}

const nsPerMs = 1_000_000;

/** Witnesses by hand: every transaction is committed at the millisecond that is given. */
export class WitnessBuilder {
  readonly changes = new WitnessTable();
  readonly #jobs = new Map<number, JobRow>();
  readonly #source: WitnessSource;
  readonly #leaseMs: number | undefined;
  #xid = 700;

  /** `leaseMs`: how long claims are good for; absent: rows tell of no lease. */
  constructor(source: WitnessSource = "decoding", leaseMs?: number) {
    this.#source = source;
    this.#leaseMs = leaseMs;
  }

  /** Jobs `1` to `count` are there; `dueMs`: until when they must wait. */
  enqueued(count: number, atMs = 0, dueMs?: number): this {
    const xid = this.#xid++;
    for (let job = 1; job <= count; job++) {
      const wait = dueMs === undefined ? {} : { dueAt: dueMs * nsPerMs };
      this.#jobs.set(job, { status: "pending", bot: null, attempt: 0, ...wait });
      this.#pushJob(job, "insert", { xid, atMs });
    }
    return this;
  }

  granted(bot: number, jobs: number | readonly number[], atMs: number): this {
    const xid = this.#xid++;
    for (const job of [jobs].flat()) {
      const attempt = this.#row(job).attempt + 1;
      this.#jobs.set(job, { status: "claimed", bot, attempt, ...this.#lease(atMs) });
      this.#pushJob(job, "update", { xid, atMs });
      this.#pushBot(bot, job, { xid, atMs });
    }
    return this;
  }

  started(job: number, atMs: number): this {
    this.#row(job).status = "processing";
    return this.#pushJob(job, "update", { xid: this.#xid++, atMs });
  }

  /** With its effect, all in one transaction. */
  completed(bot: number, job: number, atMs: number): this {
    const row = this.#row(job);
    [row.status, row.bot] = ["succeeded", null];
    delete row.leaseUntil;
    const commit = { xid: this.#xid++, atMs };
    this.#pushJob(job, "update", commit).#pushBot(bot, null, commit);
    const at = atMs * nsPerMs;
    const effect = { of: "effect", round: 0, job, attempt: row.attempt, bot, value: 3 } as const;
    this.changes.push({ ...effect, xid: commit.xid, at });
    return this;
  }

  released(bot: number, job: number, atMs: number, after: Released = {}): this {
    const row = this.#row(job);
    [row.status, row.bot] = [after.status ?? "pending", null];
    delete row.leaseUntil;
    if (after.dueMs !== undefined) row.dueAt = after.dueMs * nsPerMs;
    const commit = { xid: this.#xid++, atMs };
    return this.#pushJob(job, "update", commit).#pushBot(bot, null, commit);
  }

  /** A heartbeat was accepted. */
  renewed(job: number, atMs: number): this {
    Object.assign(this.#row(job), this.#lease(atMs));
    return this.touched(job, atMs);
  }

  redriven(job: number, atMs: number): this {
    this.#row(job).status = "pending";
    return this.touched(job, atMs);
  }

  /** A change that is no transition: a lease made longer, for example. */
  touched(job: number, atMs: number): this {
    return this.#pushJob(job, "update", { xid: this.#xid++, atMs });
  }

  /** Its row is taken out of the table. */
  deleted(job: number, atMs: number): this {
    const row = { status: null, bot: null, attempt: null };
    const at = { xid: this.#xid++, at: atMs * nsPerMs };
    this.changes.push({ of: "job", kind: "delete", round: 0, ...at, job, ...row });
    return this;
  }

  attempt(job: number): number {
    return this.#row(job).attempt;
  }

  round(known: Partial<Pick<RoundWitness, "isWhole" | "uncertaintyNs">> = {}): RoundWitness {
    const { changes } = this;
    const whole = { isWhole: true, uncertaintyNs: 100_000 };
    const [from, to] = [0, changes.length];
    return { ...whole, ...known, round: 0, source: this.#source, changes, from, to };
  }

  #lease(atMs: number): { leaseUntil?: number } {
    if (this.#leaseMs === undefined) return {};
    return { leaseUntil: (atMs + this.#leaseMs) * nsPerMs };
  }

  #row(job: number): JobRow {
    const row = this.#jobs.get(job);
    if (row === undefined) throw new Error(`job ${job} was never enqueued`);
    return row;
  }

  #pushJob(job: number, kind: "insert" | "update", { xid, atMs }: Commit): this {
    const row = { ...this.#row(job) };
    this.changes.push({ of: "job", kind, round: 0, xid, at: atMs * nsPerMs, job, ...row });
    return this;
  }

  #pushBot(bot: number, job: number | null, { xid, atMs }: Commit): this {
    const at = atMs * nsPerMs;
    this.changes.push({ of: "bot", kind: "update", round: 0, xid, at, bot, job });
    return this;
  }
}

/** What a job is after its claim was released. */
interface Released {
  readonly status?: string;
  /** Until when it must wait; absent: it may be claimed at once. */
  readonly dueMs?: number;
}

interface Commit {
  readonly xid: number;
  readonly atMs: number;
}
