import type { Server } from "node:http";
import { HarnessError } from "../base/harness-error.ts";
import { httpApi } from "./api/http-api.ts";
import { AddressError, joinHostPort } from "./listen-address.ts";
import { ListenError } from "./listener.ts";
import { ProxyCollection } from "./proxy-collection.ts";
import type { NewProxy } from "./proxy-collection.ts";
import { serverVersion } from "./server-version.ts";

export interface ProxyServerOptions {
  /** Where the API listens; loopback unless told otherwise. */
  readonly host?: string | undefined;
  /** 0: any free port. */
  readonly port?: number | undefined;
  /** Seeds toxicity and jitter. */
  readonly seed?: number | undefined;
  /** Proxies to make before the API answers. */
  readonly proxies?: readonly NewProxy[] | undefined;
  /** Adds what the process itself uses to `/metrics`. */
  readonly runtimeMetrics?: boolean | undefined;
}

/** A Toxiproxy-compatible server: the HTTP API, the proxies and their connections. */
export class ProxyServer implements AsyncDisposable {
  readonly version = serverVersion();
  readonly proxies: ProxyCollection;
  readonly url: string;
  readonly #api: Server;
  #stopping: Promise<void> | undefined;

  private constructor(api: Server, url: string, proxies: ProxyCollection) {
    this.#api = api;
    this.url = url;
    this.proxies = proxies;
  }

  /** Resolves once the API answers. Throws a HarnessError of kind `environment` when the port cannot be had. */
  static async start(options: ProxyServerOptions = {}): Promise<ProxyServer> {
    const { host = "127.0.0.1", port = 0, seed = 0, runtimeMetrics = false } = options;
    const proxies = new ProxyCollection(seed);
    const api = httpApi(proxies, { runtimeMetrics });
    try {
      await populate(proxies, options.proxies ?? []);
      const boundPort = await listen(api, host, port);
      return new ProxyServer(api, `http://${joinHostPort(host, boundPort)}`, proxies);
    } catch (error) {
      await proxies.stop();
      throw error;
    }
  }

  /** Closes the API, every port and every connection, and waits until they are closed. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#api.close(() => resolve());
    });
    this.#api.closeAllConnections();
    await this.proxies.stop();
    await closed;
  }
}

async function populate(proxies: ProxyCollection, requests: readonly NewProxy[]): Promise<void> {
  try {
    await proxies.populate(requests, () => {});
  } catch (error) {
    if (!(error instanceof ListenError) && !(error instanceof AddressError)) throw error;
    throw new HarnessError({ kind: "environment", what: error.message, cause: error });
  }
}

async function listen(api: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    api.once("error", (error) => reject(listenFailure(error, joinHostPort(host, port))));
    api.listen({ host, port }, resolve);
  });
  api.removeAllListeners("error");
  api.on("error", () => {});
  const address = api.address();
  return address !== null && typeof address === "object" ? address.port : port;
}

function listenFailure(error: NodeJS.ErrnoException, where: string): HarnessError {
  const inUse = error.code === "EADDRINUSE";
  return new HarnessError({
    kind: "environment",
    what: inUse ? "the port is in use" : `cannot listen: ${error.message}`,
    where,
    hint: inUse ? "choose another with --port; 0 takes any that is free" : undefined,
    cause: error,
  });
}
