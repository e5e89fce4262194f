import { Toxiproxy } from "toxiproxy-node-client";
import { HarnessError } from "../../base/harness-error.ts";
import { redactUrl } from "../../base/redact-url.ts";

/**
 * A real server under load may hold an answer back until every connection of a proxy has moved on, at most 25 s; a
 * harness that stood still for so long would measure its own pause.
 */
const requestMs = 10_000;

/** An answer of a Toxiproxy server other than success, in the server's words. */
export class ToxiproxyRefusal extends HarnessError {
  readonly status: number;

  constructor(status: number, what: string, url: string) {
    super({ kind: "environment", what: `Toxiproxy refused: ${what}`, where: redactUrl(url) });
    this.name = "ToxiproxyRefusal";
    this.status = status;
  }
}

/**
 * The client of `toxiproxy-node-client`, on a transport of our own. The client's transport waits for ever, and throws
 * the server's error text away together with the reason of a broken connection; the client lets it be replaced.
 */
export function toxiproxyApi(url: string): Toxiproxy {
  // A slash at the end would make the server redirect, and a redirected POST arrives as a GET.
  const client = new Toxiproxy(url.replace(/\/+$/, ""));
  client.api = transport as unknown as Toxiproxy["api"];
  return client;
}

const transport = {
  get: async (url: string) => ({ data: parse(await send("GET", url), url) }),
  post: async (url: string, body?: unknown) => ({
    data: parse(await send("POST", url, body), url),
  }),
  delete: async (url: string) => void (await send("DELETE", url)),
  getText: (url: string) => send("GET", url),
};

async function send(method: string, url: string, body?: unknown): Promise<string> {
  const init: RequestInit = { method, signal: AbortSignal.timeout(requestMs), redirect: "error" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, init);
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw unreachable(error, url);
  }
  if (status >= 200 && status < 300) return text;
  throw new ToxiproxyRefusal(status, errorText(text, status), url);
}

function parse(text: string, url: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new HarnessError({
      kind: "environment",
      what: "what answers there is not a Toxiproxy: its answer is not JSON",
      where: redactUrl(url),
    });
  }
}

/** `{"error": "proxy already exists", "status": 409}`; a server that gave up answers in HTML. */
function errorText(text: string, status: number): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not JSON: the status says more than a page of HTML.
  }
  return `HTTP status ${status}`;
}

function unreachable(error: unknown, url: string): HarnessError {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } };
  const isLate = name === "TimeoutError";
  const reason = cause?.code ?? cause?.message ?? (error as Error).message;
  return new HarnessError({
    kind: "environment",
    what: isLate
      ? `Toxiproxy did not answer within ${requestMs} ms`
      : `Toxiproxy cannot be reached: ${reason}`,
    where: redactUrl(url),
    hint: isLate
      ? "a peer that does not read can hold a Toxiproxy up; use --toxiproxy embedded"
      : "is the server up, and is the URL that of its HTTP API (port 8474 by default)?",
    cause: error,
  });
}
