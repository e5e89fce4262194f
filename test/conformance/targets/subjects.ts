import { join } from "node:path";
import { Pool } from "pg";
import { packageRoot } from "../../../src/base/package-root.ts";
import { checkStrategy } from "../../../src/service/check-strategy.ts";
import { startServiceServer } from "../../../src/service/http/service-server.ts";
import { Lifecycle } from "../../../src/service/lifecycle.ts";
import { loadStrategy } from "../../../src/service/strategy.ts";
import { freshTables, registerBots } from "../../../src/service/tables.ts";
import { HttpTarget } from "../../../src/targets/http/http-target.ts";
import { referenceApi } from "../../../src/targets/http/reference-api.ts";
import { ModuleTarget } from "../../../src/targets/module/module-target.ts";
import { ReferenceTarget } from "../../../src/targets/reference/reference-target.ts";
import type { Target } from "../../../src/targets/target.ts";
import { openDatabase } from "../../setup/database.ts";

/** A target with nothing in it, for three bots, whose claims are good for so long. */
export type OpenTarget = (
  leaseMs: number,
) => Promise<AsyncDisposable & { readonly target: Target }>;

/** Every kind of target. A new one is a line here, and must come out as its siblings do. */
export const subjects: readonly { readonly name: string; readonly open: OpenTarget }[] = [
  { name: "reference", open: openReference },
  { name: "http", open: openHttp },
  { name: "module", open: openModule },
];

async function openReference(leaseMs: number) {
  const database = await openDatabase();
  const { control, address } = database;
  const strategy = loadStrategy("skip-locked");
  await freshTables(control, { constraints: true, strategy });
  await registerBots(control, new Lifecycle(), 3);
  await checkStrategy(control, strategy);
  const target = new ReferenceTarget({
    strategy,
    control,
    address,
    bots: 3,
    connections: "per-bot",
    statementMs: 10_000,
    leaseMs,
    onConnection: () => undefined,
  });
  return {
    target,
    control,
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function openHttp(leaseMs: number) {
  const reference = await openReference(leaseMs);
  const { control, target: service } = reference;
  const host = "127.0.0.1";
  const server = await startServiceServer({
    service,
    control,
    tellsAttempts: () => true,
    host,
    port: 0,
  });
  const address = { host, port: Number(new URL(server.url).port) };
  const target = new HttpTarget({
    api: referenceApi,
    bots: address,
    service: address,
    timeoutMs: 10_000,
    onConnection: () => undefined,
  });
  return {
    target,
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      await server.stop();
      await reference[Symbol.asyncDispose]();
    },
  };
}

async function openModule(leaseMs: number) {
  const context = { databaseUrl: "", controlUrl: "", schema: "", bots: 3, leaseMs, seed: 1 };
  const target = await ModuleTarget.open({
    file: join(packageRoot, "test/fixtures/queues/complete.mjs"),
    context: { ...context, pool: new Pool() },
    timeoutMs: 10_000,
  });
  return { target, [Symbol.asyncDispose]: () => target[Symbol.asyncDispose]() };
}
