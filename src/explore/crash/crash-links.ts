import { HarnessError } from "../../base/harness-error.ts";
import type { PostgresAddress } from "../../environment/postgres/postgres-server.ts";
import { joinHostPort, splitHostPort } from "../../proxy/listen-address.ts";
import { ProxyCollection } from "../../proxy/proxy-collection.ts";
import type { Proxy } from "../../proxy/proxy.ts";
import { Toxic } from "../../proxy/toxic.ts";
import { postgresCut } from "../../proxy/toxics/postgres-cut.ts";
import type { CutKind } from "../../proxy/cut.ts";
import type { Attributes } from "../../proxy/attributes.ts";
import type { Crash, CrashKind, MessageMoment, WireMessage } from "./crash.ts";

/** With `silent` both ends are told nothing: what becomes of them is then up to whoever ends the backend, or gives up. */
const cuts: Readonly<Record<CrashKind, CutKind>> = {
  reset: "rst",
  close: "fin",
  silence: "silent",
  terminated: "silent",
  "server crash": "silent",
};

/** A link of its own for every bot that may crash, which can be cut at its next statement. */
export class CrashLinks implements AsyncDisposable {
  readonly #collection: ProxyCollection;
  readonly #address: PostgresAddress;
  readonly #proxies: readonly Proxy[];
  #armed: { readonly proxy: Proxy; readonly toxic: Toxic; readonly since: number } | undefined;

  private constructor(
    collection: ProxyCollection,
    address: PostgresAddress,
    proxies: readonly Proxy[],
  ) {
    this.#collection = collection;
    this.#address = address;
    this.#proxies = proxies;
  }

  /** HarnessError (usage) where the connections are encrypted: messages could not be told from each other. */
  static async open(address: PostgresAddress, bots: number): Promise<CrashLinks> {
    if (address.ssl !== undefined && address.ssl !== false) {
      const what = "crash points need to read the protocol, and the connection is encrypted";
      throw new HarnessError({
        kind: "usage",
        what,
        hint: "use sslmode=disable, or --postgres embedded",
      });
    }
    const collection = new ProxyCollection(0);
    const upstream = joinHostPort(address.host, address.port);
    const proxies: Proxy[] = [];
    for (let bot = 1; bot <= bots; bot++) {
      const spec = { name: `bot-${bot}`, listen: "127.0.0.1:0", upstream, toxics: [] };
      proxies.push(
        await collection.create({ ...spec, enabled: true, halfClose: false, pool: undefined }),
      );
    }
    return new CrashLinks(collection, address, proxies);
  }

  /** Where a bot connects. */
  addressOf(bot: number): PostgresAddress {
    const { host, port } = splitHostPort((this.#proxies[bot - 1] as Proxy).listen);
    return { ...this.#address, host, port };
  }

  /** The bot's next statement is the one. */
  arm(bot: number, { kind, ...at }: Crash): void {
    const { moment } = at;
    const message = "message" in at ? { message: at.message, part: at.part } : {};
    this.#add(bot, { moment, ...message, how: cuts[kind], side: "both", times: 1 });
  }

  /** The messages of the bot's next statement are taken down. */
  listen(bot: number): void {
    this.#add(bot, { moment: "listen" });
  }

  /** The messages since `listen`, in the order in which they passed; listens no more. */
  heard(): readonly WireMessage[] {
    if (this.#armed === undefined) return [];
    const { events } = this.#collection.events.page(this.#armed.since);
    this.disarm();
    return events.flatMap(({ kind, ...detail }) => {
      if (kind !== "message") return [];
      return [{ moment: detail["moment"] as MessageMoment, type: String(detail["type"]) }];
    });
  }

  #add(bot: number, attributes: Attributes): void {
    const proxy = this.#proxies[bot - 1] as Proxy;
    const names = { name: "crash", stream: "downstream", streamText: "downstream" } as const;
    const toxic = new Toxic({ ...names, type: postgresCut, toxicity: 1, attributes });
    this.#armed = { proxy, toxic, since: this.#lastEvent() };
    proxy.addToxic(toxic);
  }

  /** Whether the connection that was to be cut has been. */
  get hasCut(): boolean {
    if (this.#armed === undefined) return false;
    const { proxy, since } = this.#armed;
    const { events } = this.#collection.events.page(since);
    return events.some((event) => event.kind === "toxic" && event.proxy === proxy.name);
  }

  disarm(): void {
    this.#armed?.proxy.removeToxic(this.#armed.toxic);
    this.#armed = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collection.stop();
  }

  #lastEvent(): number {
    let last = 0;
    for (;;) {
      const { events, next } = this.#collection.events.page(last);
      if (events.length === 0) return last;
      last = next;
    }
  }
}
