import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createServer } from "node:http";
import { HarnessError } from "../../base/harness-error.ts";
import { withDeadline } from "../../base/timer.ts";
import type { ControlDatabase } from "../control-database.ts";
import { Lifecycle } from "../lifecycle.ts";
import { readQueueState } from "../monitoring.ts";
import { serviceApp } from "./app.ts";
import type { ClaimService } from "./claim-service.ts";
import { meteredService } from "./metered-service.ts";
import { orderedService } from "./ordered-service.ts";
import { ServiceMetrics } from "./service-metrics.ts";

export interface ServiceServerOptions {
  readonly service: ClaimService;
  /** Whether the strategy tells bots their attempts. */
  readonly tellsAttempts: () => boolean;
  /** The service's own way to its database, for what no bot asks: metrics, health, new bots. */
  readonly control: ControlDatabase;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** The reference claim service, answering over HTTP. */
export interface ServiceServer extends AsyncDisposable {
  /** Without a trailing slash. */
  readonly url: string;
  /** Takes no new request, and waits for those under way. Idempotent. */
  stop(): Promise<void>;
}

/** Jobs that have not moved for so long count as stuck. */
const patienceMs = 60_000;
const stopDeadlineMs = 10_000;

/** HarnessError (environment) where the address cannot be had. */
export async function startServiceServer(options: ServiceServerOptions): Promise<ServiceServer> {
  const { control, host, port } = options;
  const metrics = new ServiceMetrics(() => readQueueState(control, patienceMs));
  const app = serviceApp({
    service: meteredService(orderedService(options.service), metrics),
    tellsAttempts: options.tellsAttempts,
    metrics,
    registerBot: botRegister(control),
    ping: async () => void (await control.query("SELECT 1")),
  });
  const answer = getRequestListener(app.fetch);
  const server = createServer((request, response) => void answer(request, response));
  await listen(server, host, port);
  const { port: taken } = server.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= close(server));
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${taken}`, stop, [Symbol.asyncDispose]: stop };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const what = `the service cannot listen on ${host}:${port} (${code})`;
    const hint = "--port 0 takes any port that is free";
    throw new HarnessError({ kind: "environment", what, hint, cause });
  }
}

/** Connections that wait for nothing are closed at once; requests under way get an answer, up to a deadline. */
async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  await withDeadline(closed, { ms: stopDeadlineMs, what: "the end of requests under way" }).catch(
    () => server.closeAllConnections(),
  );
}

/** A bot is made known once; who is known already costs nothing. */
function botRegister(control: ControlDatabase): (bot: number) => Promise<void> {
  const lifecycle = new Lifecycle();
  const known = new Set<number>();
  return async (bot) => {
    if (known.has(bot)) return;
    const { text, values } = lifecycle.statement("register", { first: bot, count: bot });
    await control.query(text, values);
    known.add(bot);
  };
}
