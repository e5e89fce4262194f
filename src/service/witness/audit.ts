import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";
import type { ChangeKind } from "../../history/witness-change.ts";
import type { ControlDatabase } from "../control-database.ts";
import { pageRows } from "./change-source.ts";
import type { ChangeListener, ChangeSource } from "./change-source.ts";

/**
 * Triggers write every change into `witness_log` (`sql/witness.sql`), in the transaction that makes it.
 *
 * Transactions are told in the order of their last log entries. That order
 * - keeps every row's history exact: who changes a row after another had to wait for the other's commit, and took all
 *   its numbers before that;
 * - never puts a transaction behind one whose last change began after the first one's commit.
 *
 * Two transactions that change different rows and were both between their last change and their commit at one moment
 * may stand the other way round than they committed: nothing either of them did can depend on the other.
 */
export class Audit implements ChangeSource {
  readonly source = "audit";
  readonly #control: ControlDatabase;

  constructor(control: ControlDatabase) {
    this.#control = control;
  }

  /** A log of the round's own. */
  async beginRound(): Promise<void> {
    await this.#control.query("DROP TABLE IF EXISTS witness_log");
    await this.#control.query(readFileSync(join(packageRoot, "sql", "witness.sql"), "utf8"));
  }

  async tell(_round: number, listener: ChangeListener): Promise<void> {
    await this.#control.withConnection(async (client) => {
      await client.query("BEGIN");
      await client.query(`DECLARE witness NO SCROLL CURSOR FOR ${inOrder}`);
      const transaction = new Transaction(listener);
      for (;;) {
        const page = await client.query<Entry>(`FETCH ${pageRows} FROM witness`);
        for (const entry of page.rows) transaction.take(entry);
        if (page.rows.length < pageRows) transaction.end();
        await listener.pageTold();
        if (page.rows.length < pageRows) return;
      }
    });
  }

  /** Log and triggers go with the schema that they are in. */
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** What never ends counts as beyond all times that can be told. */
function microseconds(column: string): string {
  return `(CASE WHEN isfinite(${column}) THEN (extract(epoch FROM ${column}) * 1000000)::bigint
                WHEN ${column} > 'epoch' THEN ${Number.MAX_SAFE_INTEGER}
                WHEN ${column} IS NOT NULL THEN ${Number.MIN_SAFE_INTEGER} END)`;
}

/** `at` is the time of the transaction's last change, the nearest to its commit that a trigger can know. */
const inOrder = `
  SELECT xid::text, (extract(epoch FROM max(at) OVER entries) * 1000000)::bigint AS at,
         of, kind, job, bot, status, attempt, value,
         ${microseconds("lease_until")} AS lease_until, ${microseconds("due_at")} AS due_at
    FROM witness_log WINDOW entries AS (PARTITION BY xid)
   ORDER BY max(seq) OVER entries, seq`;

/** As `pg` reads it: bigint as text, int as number. */
interface Entry {
  readonly xid: string;
  readonly at: string;
  readonly of: "job" | "bot" | "effect";
  readonly kind: ChangeKind;
  readonly job: string | null;
  readonly bot: string | null;
  readonly status: string | null;
  readonly attempt: number | null;
  readonly value: number | null;
  readonly lease_until: string | null;
  readonly due_at: string | null;
}

/** The entries of a transaction stand together; where the next one's begin, it has ended. */
class Transaction {
  readonly #listener: ChangeListener;
  #last: Entry | undefined;

  constructor(listener: ChangeListener) {
    this.#listener = listener;
  }

  take(entry: Entry): void {
    if (this.#last !== undefined && this.#last.xid !== entry.xid) this.end();
    this.#last = entry;
    tell(entry, this.#listener);
  }

  end(): void {
    if (this.#last !== undefined) this.#listener.commit(Number(this.#last.at));
    this.#last = undefined;
  }
}

function tell(entry: Entry, listener: ChangeListener): void {
  const { of, kind, status, attempt } = entry;
  const [xid, job, bot] = [Number(entry.xid), numberOrNull(entry.job), numberOrNull(entry.bot)];
  switch (of) {
    case "job":
      listener.change({
        of,
        kind,
        xid,
        job: job as number,
        status,
        bot,
        attempt,
        ...(entry.lease_until === null ? {} : { leaseUntil: Number(entry.lease_until) }),
        ...(entry.due_at === null ? {} : { dueAt: Number(entry.due_at) }),
      });
      return;
    case "bot":
      listener.change({ of, kind, xid, bot: bot as number, job });
      return;
    case "effect": {
      const [value, by] = [entry.value as number, bot as number];
      listener.change({ of, xid, job: job as number, attempt: attempt as number, bot: by, value });
    }
  }
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}
