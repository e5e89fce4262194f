import type { Toxiproxy } from "toxiproxy-node-client";
import { HarnessError } from "../../base/harness-error.ts";
import { accepts, endpointText, isLoopback, parseEndpoint } from "../endpoint.ts";
import { ConnectionList } from "./connection-list.ts";
import { EventLogReader } from "./event-log-reader.ts";
import { ProxyLink } from "./proxy-link.ts";
import { checkName } from "./proxy-name.ts";
import { toxiproxyApi, ToxiproxyRefusal } from "./toxiproxy-api.ts";
import type {
  Endpoint,
  Link,
  LinkRequest,
  ToxiproxyCapability,
  ToxiproxyServer,
} from "./toxiproxy-server.ts";

export interface DrivenOptions {
  readonly kind: ToxiproxyServer["kind"];
  readonly url: string;
  /** Put before the name of every proxy, where others use the server too. */
  readonly prefix?: string;
  /** Ends the server, where it is ours. Without it the links are removed one by one. */
  readonly stopServer?: () => Promise<void>;
}

/** A server that answers at a URL, driven through its HTTP API; whose it is makes no difference. */
export async function driveToxiproxy(options: DrivenOptions): Promise<ToxiproxyServer> {
  const api = toxiproxyApi(options.url);
  return new DrivenToxiproxy(options, api, await askVersion(api));
}

/** HarnessError where nothing answers, or something that is no Toxiproxy. */
export async function askVersion(api: Toxiproxy): Promise<string> {
  const text = await api.getVersion();
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    if (typeof version === "string") return version;
  } catch {
    // Told below: whatever it is, it is no version.
  }
  throw new HarnessError({
    kind: "environment",
    what: "what answers there is not a Toxiproxy: it does not tell its version",
    where: api.host,
    hint: "give the URL of its HTTP API (port 8474 by default), not of one of its proxies",
  });
}

class DrivenToxiproxy implements ToxiproxyServer {
  readonly kind: ToxiproxyServer["kind"];
  readonly description: string;
  readonly version: string;
  readonly url: string;
  readonly capabilities: ReadonlySet<ToxiproxyCapability>;
  readonly #options: DrivenOptions;
  readonly #api: Toxiproxy;
  readonly #proxies = new Set<string>();
  #stopped: Promise<void> | undefined;

  constructor(options: DrivenOptions, api: Toxiproxy, version: string) {
    this.kind = options.kind;
    this.description = `Toxiproxy ${version} (${options.kind})`;
    this.version = version;
    this.url = api.host;
    this.capabilities = capabilitiesOf(version);
    this.#options = options;
    this.#api = api;
  }

  async createLink({ name, upstream, poolSize }: LinkRequest): Promise<Link> {
    checkName(name);
    this.#checkUpstream(upstream);
    if (poolSize !== undefined && !this.capabilities.has("pooling"))
      throw noPools(this.description);
    const proxyName = `${this.#options.prefix ?? ""}${name}`;
    const body = { name: proxyName, listen: this.#listen(), upstream: endpointText(upstream) };
    const pool = poolSize === undefined ? {} : { pool: { size: poolSize } };
    const proxy = await this.#api.createProxy({ ...body, ...pool });
    this.#proxies.add(proxyName);
    const listen = { host: this.#listenHost(), port: parseEndpoint(proxy.listen).port };
    if (this.kind === "existing" && !(await accepts(listen))) throw outOfReach(listen, this.url);
    const events = this.capabilities.has("events")
      ? new EventLogReader(this.#api, proxyName)
      : undefined;
    const connections = this.capabilities.has("connections")
      ? new ConnectionList(this.#api, proxyName)
      : undefined;
    return new ProxyLink({ name, proxy, listen, events, connections });
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.#options.stopServer?.() ?? this.#removeProxies();
    await this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #removeProxies(): Promise<void> {
    const removals = [...this.#proxies].map((name) => removeProxy(this.#api, name));
    const results = await Promise.allSettled(removals);
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Where the server is, seen from here. */
  #serverHost(): string {
    return new URL(this.url).hostname.replace(/^\[(.*)\]$/, "$1");
  }

  /** Port 0: the server chooses a free one. A server elsewhere listens on every address it has, for us to reach it. */
  #listen(): string {
    return isLoopback(this.#serverHost()) ? "127.0.0.1:0" : "0.0.0.0:0";
  }

  #listenHost(): string {
    return isLoopback(this.#serverHost()) ? "127.0.0.1" : this.#serverHost();
  }

  #checkUpstream(upstream: Endpoint): void {
    if (isLoopback(this.#serverHost()) || !isLoopback(upstream.host)) return;
    throw new HarnessError({
      kind: "environment",
      what: `a Toxiproxy on another machine cannot reach ${endpointText(upstream)} on this one`,
      where: this.url,
      hint: "use --toxiproxy embedded, or a PostgreSQL that both machines can reach",
    });
  }
}

/** A server in a container answers at its published port, while its proxies listen where nobody reaches them. */
function outOfReach(listen: Endpoint, where: string): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: `Toxiproxy made a proxy at ${endpointText(listen)}, which cannot be reached from here`,
    where,
    hint: "does it run in a container? give it the host's network, or use --toxiproxy docker",
  });
}

function noPools(server: string): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: `${server} cannot share backends between connections`,
    hint: "use --toxiproxy embedded, or require `pooling` in the scenario",
  });
}

/** A proxy that is gone already is no error. */
export async function removeProxy(api: Toxiproxy, name: string): Promise<void> {
  try {
    await api.api.delete(`${api.host}/proxies/${name}`);
  } catch (error) {
    if (!(error instanceof ToxiproxyRefusal) || error.status !== 404) throw error;
  }
}

/** The extensions came together, with the server of doubletake, which says so in its version. */
function capabilitiesOf(version: string): ReadonlySet<ToxiproxyCapability> {
  return new Set(
    version.includes("doubletake")
      ? (["postgres-cut", "connections", "events", "pooling"] as const)
      : [],
  );
}
