import type { Proxy } from "toxiproxy-node-client";
import { checkName } from "./proxy-name.ts";
import { ToxiproxyRefusal } from "./toxiproxy-api.ts";
import type { Endpoint, Link, LinkConnections, LinkEvents, Toxic } from "./toxiproxy-server.ts";

export interface ProxyLinkOptions {
  /** The link's name in the scenario; the proxy may have a longer one. */
  readonly name: string;
  readonly proxy: Proxy;
  readonly listen: Endpoint;
  /** Where the server keeps an event log. */
  readonly events?: LinkEvents | undefined;
  /** Where the server lists them. */
  readonly connections?: LinkConnections | undefined;
}

/** A link that one proxy of a Toxiproxy server makes. */
export class ProxyLink implements Link {
  readonly name: string;
  readonly listen: Endpoint;
  readonly events?: LinkEvents;
  readonly connections?: LinkConnections;
  readonly #proxy: Proxy;

  constructor({ name, proxy, listen, events, connections }: ProxyLinkOptions) {
    this.name = name;
    this.listen = listen;
    this.#proxy = proxy;
    if (events !== undefined) this.events = events;
    if (connections !== undefined) this.connections = connections;
  }

  async addToxic(toxic: Toxic): Promise<void> {
    checkName(toxic.name);
    // The client's type lists the toxics of the real server; ours knows more.
    await this.#proxy.addToxic(toxic as unknown as Parameters<Proxy["addToxic"]>[0]);
  }

  async removeToxic(name: string): Promise<void> {
    checkName(name);
    try {
      await this.#proxy.api.delete(`${this.#toxicsUrl()}/${name}`);
    } catch (error) {
      if (!(error instanceof ToxiproxyRefusal) || error.status !== 404) throw error;
    }
  }

  /** The client cannot list toxics, but its transport can ask. */
  async toxics(): Promise<readonly Toxic[]> {
    const { data } = await this.#proxy.api.get<readonly Toxic[]>(this.#toxicsUrl());
    return data;
  }

  async setEnabled(enabled: boolean): Promise<void> {
    // The client's type wants the addresses too; sending them again makes a real server restart some proxies.
    await this.#proxy.update({ enabled } as Parameters<Proxy["update"]>[0]);
  }

  #toxicsUrl(): string {
    return `${this.#proxy.getPath()}/toxics`;
  }
}
