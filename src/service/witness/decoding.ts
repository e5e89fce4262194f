import type { PoolClient } from "pg";
import { assert } from "../../base/assert.ts";
import type { ToldChange } from "../../history/witness-recorder.ts";
import type { ControlDatabase } from "../control-database.ts";
import { pageRows } from "./change-source.ts";
import type { ChangeListener, ChangeSource } from "./change-source.ts";
import { ReplicationSlot, dropStaleSlots } from "./replication-slot.ts";
import { readChange, readCommitTime, readMessage, readTime } from "./test-decoding.ts";
import type { ColumnText, DecodedChange } from "./test-decoding.ts";

/** A round of a million jobs takes the server longer to decode than any other statement of ours may take. */
const decodeMs = 600_000;

/** `pg` reads a deadline from a statement, too, and its types do not say so. */
const nextPage = {
  text: `FETCH ${pageRows} FROM witness`,
  rowMode: "array" as const,
  query_timeout: decodeMs,
};

/**
 * Reads changes from the server's write-ahead log, which holds them in the order of their commits.
 *
 * Where a round begins and ends is written into the log itself, as messages that are committed like any change: what
 * lies between the two is the round, whole and once, even if a crashed server has forgotten how far the slot was read.
 */
export class Decoding implements ChangeSource {
  readonly source = "decoding";
  readonly #control: ControlDatabase;
  readonly #slot: ReplicationSlot;

  private constructor(control: ControlDatabase, slot: ReplicationSlot) {
    this.#control = control;
    this.#slot = slot;
  }

  /** HarnessError (environment) where no slot can be had. */
  static async open(control: ControlDatabase): Promise<Decoding> {
    await dropStaleSlots(control);
    return new Decoding(control, await ReplicationSlot.create(control));
  }

  async beginRound(round: number): Promise<void> {
    await this.#slot.advance();
    await this.#mark(markOf(round, "begin"));
  }

  async tell(round: number, listener: ChangeListener): Promise<void> {
    await this.#mark(markOf(round, "end"));
    const lines = new RoundLines({ slot: this.#slot.name, schema: this.#control.schema, round });
    await this.#control.withConnection(async (client) => {
      await openCursor(client, this.#slot.name, this.#control.schema);
      for (;;) {
        const page = await client.query<[string, string]>(nextPage);
        if (page.rows.length === 0) break;
        for (const [xid, line] of page.rows) lines.take(xid, line, listener);
        await listener.pageTold();
      }
    });
    if (!lines.isOver) throw new Error("the log does not hold the round from its begin to its end");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#slot[Symbol.asyncDispose]();
  }

  /**
   * Committed synchronously whatever the server's settings are: that flushes the log, and only what is flushed is
   * decoded.
   */
  async #mark(content: string): Promise<void> {
    await this.#control.withConnection(async (client) => {
      await client.query("BEGIN; SET LOCAL synchronous_commit = on");
      await client.query("SELECT pg_logical_emit_message(true, $1, $2)", [
        this.#slot.name,
        content,
      ]);
      await client.query("COMMIT");
    });
  }
}

function markOf(round: number, event: "begin" | "end"): string {
  return `round ${round} ${event}`;
}

/**
 * The server decodes once, keeps the lines, on disk where they are many, and hands them out page by page. (Calls with
 * `upto_nchanges` would each decode anew from where the oldest transaction may have begun.) Times are told in UTC.
 */
async function openCursor(client: PoolClient, slot: string, schema: string): Promise<void> {
  await client.query("BEGIN; SET LOCAL timezone = 'UTC'");
  await client.query({
    text: `DECLARE witness NO SCROLL CURSOR FOR
      SELECT xid::text, data FROM pg_logical_slot_get_changes($1, NULL, NULL,
               'include-timestamp', 'on', 'include-xids', 'on', 'skip-empty-xacts', 'on')
       WHERE starts_with(data, $2) OR starts_with(data, 'COMMIT') OR starts_with(data, 'message')`,
    values: [slot, `table ${schema}.`],
  });
}

/** Takes the lines of a round out of what the log holds. */
class RoundLines {
  readonly #slot: string;
  readonly #begin: string;
  readonly #end: string;
  readonly #tables: readonly Table[];
  #state: "before" | "within" | "over" = "before";

  constructor(options: { readonly slot: string; readonly schema: string; readonly round: number }) {
    this.#slot = options.slot;
    this.#begin = markOf(options.round, "begin");
    this.#end = markOf(options.round, "end");
    this.#tables = tablesOf(options.schema);
  }

  /** The end was seen, and the begin before it. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  take(xid: string, line: string, listener: ChangeListener): void {
    const mark = line.startsWith("message") ? readMessage(line, this.#slot) : null;
    if (mark !== null) this.#pass(mark);
    if (this.#state !== "within") return;
    const table = this.#tables.find(({ prefix }) => line.startsWith(prefix));
    if (table !== undefined) {
      const change = readChange(line, table.prefix.length, table.columns);
      if (change === null) return;
      for (const told of table.tell(change, Number(xid))) listener.change(told);
      return;
    }
    const committedAt = readCommitTime(line);
    if (committedAt !== null) listener.commit(committedAt);
  }

  #pass(mark: string): void {
    if (mark === this.#begin) this.#state = "within";
    if (mark === this.#end && this.#state === "within") this.#state = "over";
  }
}

interface Table {
  /** How its lines begin. */
  readonly prefix: string;
  readonly columns: readonly string[];
  tell(change: DecodedChange, xid: number): readonly ToldChange[];
}

function tablesOf(schema: string): readonly Table[] {
  const prefix = (table: string): string => `table ${schema}.${table}: `;
  return [
    {
      prefix: prefix("jobs"),
      columns: ["id", "status", "claimed_by", "attempt", "lease_until", "run_at"],
      tell: tellJob,
    },
    { prefix: prefix("bots"), columns: ["id", "current_job_id"], tell: tellBot },
    {
      prefix: prefix("effects"),
      columns: ["job_id", "attempt", "bot_id", "value"],
      tell: tellEffect,
    },
  ];
}

function tellJob({ kind, oldKey, row }: DecodedChange, xid: number): readonly ToldChange[] {
  if (row === null) return [goneJob(oldKey, xid)];
  const [id, status, bot, attempt, leaseUntil, dueAt] = row;
  const job = {
    of: "job",
    xid,
    job: whole(id),
    status: text(status),
    bot: wholeOrNull(bot),
    attempt: whole(attempt),
    ...(leaseUntil == null ? {} : { leaseUntil: time(leaseUntil) }),
    ...(status !== "pending" || dueAt == null ? {} : { dueAt: time(dueAt) }),
  } as const;
  if (oldKey === null) return [{ ...job, kind }];
  return [goneJob(oldKey, xid), { ...job, kind: "insert" }];
}

function time(value: string): number {
  const us = readTime(value);
  assert(us !== null, "a decoded time is one");
  return us;
}

/** A row whose key changed is gone, as far as anybody who knows it by its key can tell. */
function goneJob(oldKey: DecodedChange["oldKey"], xid: number): ToldChange {
  const job = whole(oldKey?.[0]);
  return { of: "job", kind: "delete", xid, job, status: null, bot: null, attempt: null };
}

function tellBot({ kind, oldKey, row }: DecodedChange, xid: number): readonly ToldChange[] {
  if (row === null) return [goneBot(oldKey, xid)];
  const bot = { of: "bot", xid, bot: whole(row[0]), job: wholeOrNull(row[1]) } as const;
  return oldKey === null ? [{ ...bot, kind }] : [goneBot(oldKey, xid), { ...bot, kind: "insert" }];
}

function goneBot(oldKey: DecodedChange["oldKey"], xid: number): ToldChange {
  return { of: "bot", kind: "delete", xid, bot: whole(oldKey?.[0]), job: null };
}

function tellEffect({ kind, row }: DecodedChange, xid: number): readonly ToldChange[] {
  if (kind !== "insert" || row === null) return [];
  const [job, attempt, bot, value] = row.map(whole) as [number, number, number, number];
  return [{ of: "effect", xid, job, attempt, bot, value }];
}

function whole(value: ColumnText): number {
  const number = Number(value ?? Number.NaN);
  assert(Number.isSafeInteger(number), "a decoded id, count or value is a whole number");
  return number;
}

function wholeOrNull(value: ColumnText): number | null {
  return value === null ? null : whole(value);
}

function text(value: ColumnText): string {
  assert(typeof value === "string", "a decoded job has a status");
  return value;
}
