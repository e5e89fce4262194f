import { HarnessError } from "../../base/harness-error.ts";
import { waitUntil } from "../../base/timer.ts";
import { lockKey } from "../../environment/postgres/schema-lock.ts";
import type { ControlDatabase } from "../control-database.ts";

/** To make a slot the server waits for every transaction of the database to end: of a busy one, that may be never. */
const createMs = 10_000;
const dropMs = 10_000;

/**
 * A named slot: unlike a temporary one it survives a crash of the server, which is a fault of its own. It keeps the
 * server from recycling the log behind it, so it must not survive the run; its name says whose it is.
 */
export class ReplicationSlot implements AsyncDisposable {
  readonly name: string;
  readonly #control: ControlDatabase;
  #dropped: Promise<void> | undefined;

  private constructor(control: ControlDatabase) {
    this.name = slotName(control.schema);
    this.#control = control;
  }

  /** HarnessError (environment) where the server refuses, or does not get to it in time. */
  static async create(control: ControlDatabase): Promise<ReplicationSlot> {
    const slot = new ReplicationSlot(control);
    try {
      await control.withConnection(async (client) => {
        await client.query(`BEGIN; SET LOCAL statement_timeout = ${createMs}`);
        await client.query("SELECT pg_create_logical_replication_slot($1, 'test_decoding')", [
          slot.name,
        ]);
        await client.query("COMMIT");
      });
      return slot;
    } catch (cause) {
      throw cannotCreate(cause);
    }
  }

  /** The log up to here is not needed any more. */
  async advance(): Promise<void> {
    await this.#control.query(
      "SELECT pg_replication_slot_advance($1, pg_current_wal_flush_lsn())",
      [this.name],
    );
  }

  /** Idempotent. HarnessError (environment) if it is still there afterwards: it would fill the server's disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#dropped ??= this.#drop();
    await this.#dropped;
  }

  async #drop(): Promise<void> {
    let failure: unknown;
    const isGone = async (): Promise<boolean> => {
      try {
        return await dropSlot(this.#control, this.name);
      } catch (error) {
        failure = error;
        return false;
      }
    };
    if (await waitUntil(isGone, { ms: dropMs, everyMs: 50 })) return;
    throw cannotDrop(this.name, failure);
  }
}

/** Drops the slots of runs that were killed. What cannot be dropped now, for want of rights, stays for a later start. */
export async function dropStaleSlots(control: ControlDatabase): Promise<readonly string[]> {
  const slots = await control.query(
    `SELECT slot_name AS name FROM pg_replication_slots
      WHERE slot_name ~ '^doubletake_[0-9a-f]{12}_witness$' AND database = current_database() AND NOT active`,
  );
  const dropped: string[] = [];
  for (const slot of slots) {
    const name = String(slot["name"]);
    if (await dropIfDead(control, name).catch(() => false)) dropped.push(name);
  }
  return dropped;
}

function slotName(schema: string): string {
  return `${schema}${suffix}`;
}

const suffix = "_witness";

/** As long as a run lives it holds the lock of its schema; see `schema-lock.ts`. */
async function dropIfDead(control: ControlDatabase, name: string): Promise<boolean> {
  const key = lockKey(name.slice(0, -suffix.length));
  return await control.withConnection(async (client) => {
    const { rows } = await client.query<{ taken: boolean }>(
      `SELECT pg_try_advisory_lock(${key}) AS taken`,
    );
    if (rows[0]?.taken !== true) return false;
    try {
      await client.query("SELECT pg_drop_replication_slot($1)", [name]);
      return true;
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${key})`);
    }
  });
}

/** A backend that still reads from the slot, for somebody who has given up, is ended. True: the slot is gone. */
async function dropSlot(control: ControlDatabase, name: string): Promise<boolean> {
  await control.query(
    `SELECT CASE WHEN active THEN pg_terminate_backend(active_pid)::text ELSE pg_drop_replication_slot(slot_name)::text END
       FROM pg_replication_slots WHERE slot_name = $1`,
    [name],
  );
  const left = await control.query("SELECT FROM pg_replication_slots WHERE slot_name = $1", [name]);
  return left.length === 0;
}

function cannotCreate(cause: unknown): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: `the write-ahead log cannot be decoded: ${(cause as Error).message}`,
    hint: "environment.witness: audit records with triggers instead",
    cause,
  });
}

function cannotDrop(name: string, cause: unknown): HarnessError {
  const why = cause === undefined ? "it is in use" : (cause as Error).message;
  return new HarnessError({
    kind: "environment",
    what: `replication slot ${name} could not be dropped: ${why}`,
    hint: `it keeps the server from recycling its log: SELECT pg_drop_replication_slot('${name}');`,
    cause,
  });
}
