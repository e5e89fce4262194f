import type { TestProject } from "vitest/node";
import type { PostgresAddress } from "../../src/environment/postgres/postgres-server.ts";
import { startPostgres } from "../../src/environment/postgres/postgres-servers.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgres: PostgresAddress;
  }
}

/** As it comes, but for what tests leave behind on purpose to see it found: by default no transaction can be prepared. */
const settings = { max_prepared_transactions: "8" };

/** One PostgreSQL for all tests that only need some tables: each takes a schema of its own (`openDatabase`). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres({ server: "embedded", settings, image: "" });
  project.provide("postgres", server.address);
  return () => server.stop();
}
