import type { Toxiproxy } from "toxiproxy-node-client";
import type { LinkEvents, ToxicHit } from "./toxiproxy-server.ts";

/** `GET /events?since=N` of doubletake's proxy; see docs/adding-a-toxic.md. */
interface EventPage {
  readonly events: readonly {
    readonly kind: string;
    readonly proxy: string;
    readonly connection: number;
    readonly toxic?: string;
    readonly pid?: number;
  }[];
  readonly next: number;
  readonly dropped: number;
}

/** More pages than the log can hold: reading ends even while new events come in. */
const mostPages = 16;

/** Reads a server's event log as far as it is about one of its proxies. */
export class EventLogReader implements LinkEvents {
  readonly #api: Toxiproxy;
  readonly #proxy: string;

  constructor(api: Toxiproxy, proxy: string) {
    this.#api = api;
    this.#proxy = proxy;
  }

  async latest(): Promise<number> {
    // Beyond every number there is, the log answers with its last one.
    return (await this.#page(Number.MAX_SAFE_INTEGER)).next;
  }

  async hits(toxic: string, since: number): Promise<readonly ToxicHit[] | null> {
    const hits: ToxicHit[] = [];
    let from = since;
    for (let pages = 0; pages < mostPages; pages++) {
      const page = await this.#page(from);
      if (page.dropped > 0) return null;
      const ours = page.events.filter((event) => this.#isHit(event, toxic));
      hits.push(...ours.map(({ connection, pid }) => ({ connection, backendPid: pid })));
      if (page.events.length === 0) break;
      from = page.next;
    }
    return hits;
  }

  #isHit(event: EventPage["events"][number], toxic: string): boolean {
    return event.kind === "toxic" && event.proxy === this.#proxy && event.toxic === toxic;
  }

  async #page(since: number): Promise<EventPage> {
    const url = `${this.#api.host}/events?since=${since}`;
    return (await this.#api.api.get<EventPage>(url)).data;
  }
}
