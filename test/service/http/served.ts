import { checkStrategy } from "../../../src/service/check-strategy.ts";
import { startServiceServer } from "../../../src/service/http/service-server.ts";
import type { ServiceServer } from "../../../src/service/http/service-server.ts";
import type { ControlDatabase } from "../../../src/service/control-database.ts";
import { loadStrategy } from "../../../src/service/strategy.ts";
import { freshTables } from "../../../src/service/tables.ts";
import { ReferenceTarget } from "../../../src/targets/reference/reference-target.ts";
import { openDatabase } from "../../setup/database.ts";

/** The reference service on a schema of its own, answering on a free port of the loopback. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly control: ControlDatabase;
  readonly server: ServiceServer;
  /** Sends JSON and reads the answer. */
  send(method: string, path: string, body?: unknown): Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly type: string | null;
  readonly body: Record<string, unknown>;
}

export async function serve(
  options: { strategy?: string; leaseMs?: number } = {},
): Promise<Served> {
  const database = await openDatabase();
  const { control } = database;
  const strategy = loadStrategy(options.strategy ?? "skip-locked");
  await freshTables(control, { constraints: true, strategy });
  const tellsAttempts = (await checkStrategy(control, strategy)).has("attempt");
  const service = new ReferenceTarget({
    strategy,
    control,
    address: database.address,
    bots: 4,
    connections: 4,
    statementMs: 10_000,
    leaseMs: options.leaseMs ?? 60_000,
    onConnection: () => undefined,
  });
  const server = await startServiceServer({
    service,
    tellsAttempts: () => tellsAttempts,
    control,
    host: "127.0.0.1",
    port: 0,
  });
  return {
    url: server.url,
    port: Number(new URL(server.url).port),
    control,
    server,
    send: (method, path, body) => send(`${server.url}${path}`, method, body),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await service[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function send(url: string, method: string, body: unknown): Promise<Reply> {
  const json = { "content-type": "application/json" };
  const sent = body === undefined ? {} : { headers: json, body: JSON.stringify(body) };
  const response = await fetch(url, { method, ...sent });
  const text = await response.text();
  const parsed = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
  return { status: response.status, type: response.headers.get("content-type"), body: parsed };
}
