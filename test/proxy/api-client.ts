/** The HTTP API of a server under test, without any client library's interpretation. */
export class ApiClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  get(path: string): Promise<Answer> {
    return this.send("GET", path);
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.send("POST", path, body);
  }

  patch(path: string, body?: unknown): Promise<Answer> {
    return this.send("PATCH", path, body);
  }

  delete(path: string): Promise<Answer> {
    return this.send("DELETE", path);
  }

  /** A body that is a string goes as it is. */
  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(30_000),
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Sends, and throws unless the answer is a success. */
  async must(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const { status, text } = await this.send(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  /** What the event log has of the proxy. */
  async events(proxy: string): Promise<readonly Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    for (let since = 0; ;) {
      const { events, next } = (await this.must(
        "GET",
        `/events?since=${since}`,
      )) as unknown as EventPage;
      found.push(...events.filter((event) => event["proxy"] === proxy));
      if (next === since) return found;
      since = next;
    }
  }

  /** Makes a proxy on a free port; returns where it listens. */
  async proxy(name: string, upstream: string): Promise<string> {
    const body = { name, upstream, listen: "127.0.0.1:0" };
    return String((await this.must("POST", "/proxies", body))["listen"]);
  }

  /** Adds a toxic; returns its path. */
  async toxic(proxy: string, toxic: Readonly<Record<string, unknown>>): Promise<string> {
    const { name } = await this.must("POST", `/proxies/${proxy}/toxics`, toxic);
    return `/proxies/${proxy}/toxics/${String(name)}`;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface EventPage {
  readonly events: readonly Record<string, unknown>[];
  readonly next: number;
}
