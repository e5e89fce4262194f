import { Wakefulness } from "../base/wakefulness.ts";
import { EventLog } from "./event-log.ts";
import { leadsBack } from "./loop.ts";
import { Proxy } from "./proxy.ts";
import type { ProxyContext, ProxySpec } from "./proxy.ts";
import { TaskQueue } from "./task-queue.ts";
import type { Toxic } from "./toxic.ts";

export interface NewProxy extends ProxySpec {
  readonly enabled: boolean;
  readonly toxics: readonly Toxic[];
}

export interface ProxyChange {
  readonly listen?: string | undefined;
  readonly upstream?: string | undefined;
  readonly enabled?: boolean | undefined;
}

/** The name is in use. */
export class ProxyExistsError extends Error {}

/** The proxy was removed, or the server stopped, before the call's turn came. */
export class ProxyGoneError extends Error {}

/**
 * The proxies of a server. Calls that open ports take turns, so that two of them cannot make the same proxy; nothing in
 * here waits for a connection's peer.
 */
export class ProxyCollection {
  readonly events = new EventLog();
  readonly #proxies = new Map<string, Proxy>();
  readonly #turns = new TaskQueue();
  readonly #context: ProxyContext;
  #stopped = false;

  constructor(seed: number) {
    let connectionId = 0;
    this.#context = {
      seed,
      events: this.events,
      wakefulness: new Wakefulness(),
      nextConnectionId: () => ++connectionId,
      leadsBack: (proxy) => leadsBack(proxy, [...this.#proxies.values()]),
    };
  }

  get(name: string): Proxy | undefined {
    return this.#proxies.get(name);
  }

  /** Sorted by name, in the order of bytes. */
  all(): readonly Proxy[] {
    return [...this.#proxies.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws ProxyExistsError, or ListenError; the proxy is not kept then. */
  create(request: NewProxy): Promise<Proxy> {
    return this.#turns.run(async () => {
      if (this.#proxies.has(request.name)) throw new ProxyExistsError();
      return this.#add(request);
    });
  }

  /** Throws ProxyGoneError, AddressError (nothing changed) or ListenError (the proxy keeps its new addresses and is disabled). */
  update(proxy: Proxy, change: ProxyChange): Promise<void> {
    return this.#turns.run(async () => {
      if (this.#proxies.get(proxy.name) !== proxy) throw new ProxyGoneError();
      const enabled = change.enabled ?? proxy.enabled;
      const listen = change.listen ?? proxy.listen;
      const upstream = change.upstream ?? proxy.upstream;
      if (await proxy.differs(listen, upstream)) {
        proxy.stop();
        proxy.readdress(listen, upstream);
      }
      if (enabled) await proxy.start();
      else proxy.stop();
    });
  }

  remove(proxy: Proxy): Promise<void> {
    return this.#turns.run(() => {
      proxy.stop();
      if (this.#proxies.get(proxy.name) === proxy) this.#proxies.delete(proxy.name);
      return Promise.resolve();
    });
  }

  /** Every proxy enabled and without toxics. Throws the first ListenError, after all have been tried. */
  reset(): Promise<void> {
    return this.#turns.run(async () => {
      const failures: unknown[] = [];
      for (const proxy of this.all()) {
        await proxy.start().catch((error: unknown) => failures.push(error));
        proxy.removeAllToxics();
      }
      if (failures.length > 0) throw failures[0];
    });
  }

  /** Makes or replaces each in turn; one that is there already with the same addresses is left alone. */
  populate(requests: readonly NewProxy[], done: (proxy: Proxy) => void): Promise<void> {
    return this.#turns.run(async () => {
      for (const request of requests) {
        const existing = this.#proxies.get(request.name);
        if (existing !== undefined && !(await existing.differs(request.listen, request.upstream))) {
          done(existing);
          continue;
        }
        existing?.stop();
        done(await this.#add(request));
      }
    });
  }

  /** Closes every port and connection, and waits until they are closed. No proxy can be made any more. */
  stop(): Promise<void> {
    this.#stopped = true;
    return this.#turns.run(async () => {
      const proxies = this.all();
      this.#proxies.clear();
      for (const proxy of proxies) proxy.stop();
      await Promise.all(proxies.map((proxy) => proxy.closed()));
    });
  }

  async #add(request: NewProxy): Promise<Proxy> {
    if (this.#stopped) throw new ProxyGoneError();
    const proxy = new Proxy(request, this.#context);
    for (const toxic of request.toxics) proxy.addToxic(toxic);
    if (request.enabled) await proxy.start();
    this.#proxies.set(proxy.name, proxy);
    return proxy;
  }
}
