import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import type { PostgresAddress } from "../../src/environment/postgres/postgres-server.ts";
import { ControlDatabase } from "../../src/service/control-database.ts";
import { Lifecycle } from "../../src/service/lifecycle.ts";
import { enqueue, freshTables, registerBots } from "../../src/service/tables.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly address: PostgresAddress;
  readonly control: ControlDatabase;
}

/** A schema of the test's own on the shared server; dropped when it is disposed. */
export async function openDatabase(): Promise<TestDatabase> {
  const address = inject("postgres");
  const schema = `test_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const outside = new ControlDatabase(address, "public");
  await outside.query(`CREATE SCHEMA ${schema}`);
  const control = new ControlDatabase(address, schema);
  return {
    address,
    control,
    async [Symbol.asyncDispose]() {
      await control[Symbol.asyncDispose]();
      await outside.query(`DROP SCHEMA ${schema} CASCADE`);
      await outside[Symbol.asyncDispose]();
    },
  };
}

/** The tables with `bots` bots and `jobs` pending jobs, numbered from 1. */
export async function fillTables(
  control: ControlDatabase,
  options: { readonly bots: number; readonly jobs: number; readonly constraints?: boolean },
): Promise<void> {
  const lifecycle = new Lifecycle();
  await freshTables(control, { constraints: options.constraints ?? true });
  await registerBots(control, lifecycle, options.bots);
  await enqueue(control, lifecycle, options.jobs);
}
