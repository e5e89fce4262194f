import { Agent, request } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Alarm } from "../../base/alarm.ts";

export interface HttpClientOptions {
  /** Where to connect: the proxy's side of the link, or the service itself. */
  readonly host: string;
  readonly port: number;
  /** What the `Host` header says, whichever way the request takes. */
  readonly hostHeader: string;
  /** An exchange without an answer for so long is given up, and its outcome is unknown. */
  readonly timeoutMs: number;
  readonly onConnection: (event: "opened" | "lost" | "refused", code?: string) => void;
}

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  /** Undefined where there is no body, or it is no JSON. */
  readonly json: unknown;
}

/** The request had no answer. `sent`: it may have reached the service. */
export class NoAnswer extends Error {
  readonly code: string;
  readonly sent: boolean;

  constructor(code: string, sent: boolean) {
    super(sent ? `the answer was lost (${code})` : `the service cannot be reached (${code})`);
    this.code = code;
    this.sent = sent;
  }
}

/** An answer is a few hundred bytes; one that is longer than this is not read to its end. */
const longestAnswer = 8 * 1_048_576;

/** One bot's way to a service: a connection that is kept, and opened again when it was lost. */
export class HttpClient implements Disposable {
  readonly #options: HttpClientOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #known = new WeakSet<Socket>();
  #isClosed = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** The answer, whatever its status. Throws `NoAnswer`. */
  async exchange({ method, path, body }: Exchange): Promise<Answer> {
    const { host, port, hostHeader, timeoutMs } = this.#options;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      host: hostHeader,
      accept: "application/json",
      ...(text === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
    };
    const sending = request({ host, port, method, path, headers, agent: this.#agent });
    return await new Promise<Answer>((resolve, reject) => {
      const exchange = new RunningExchange(sending, { timeoutMs, resolve, reject });
      sending.on("socket", (socket) => {
        this.#follow(socket);
        exchange.connectedOn(socket);
      });
      sending.end(text);
    });
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  #follow(socket: Socket): void {
    if (this.#known.has(socket)) return;
    this.#known.add(socket);
    const { onConnection } = this.#options;
    let isOpen = false;
    let code: string | undefined;
    socket.once("connect", () => {
      isOpen = true;
      onConnection("opened");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => (code = error.code));
    socket.once("close", () => {
      if (!this.#isClosed) onConnection(isOpen ? "lost" : "refused", code);
    });
  }
}

interface Promised {
  readonly timeoutMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: NoAnswer) => void;
}

/** A request on its way: whether it may have been sent decides what its failure means. */
class RunningExchange {
  readonly #request: ClientRequest;
  readonly #promised: Promised;
  readonly #deadline = new Alarm(() => this.#fail("ETIMEDOUT"));
  #isConnected = false;

  constructor(sending: ClientRequest, promised: Promised) {
    this.#request = sending;
    this.#promised = promised;
    this.#deadline.set(promised.timeoutMs);
    sending.on("error", (error: NodeJS.ErrnoException) =>
      this.#fail(error.code ?? "CONNECTION-LOST"),
    );
    sending.on("response", (response) => this.#read(response));
  }

  connectedOn(socket: Socket): void {
    // A kept connection that the service has closed meanwhile may still have taken the request.
    if (!socket.connecting) this.#isConnected = true;
    else socket.once("connect", () => (this.#isConnected = true));
  }

  #read(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > longestAnswer) response.destroy(new Error("too long"));
      else chunks.push(chunk);
    });
    response.on("error", () => this.#fail("ECONNRESET"));
    response.on("aborted", () => this.#fail("ECONNRESET"));
    response.on("end", () => {
      if (!response.complete) return this.#fail("ECONNRESET");
      this.#deadline.cancel();
      const json = parsed(Buffer.concat(chunks).toString("utf8"));
      this.#promised.resolve({ status: response.statusCode ?? 0, json });
    });
  }

  #fail(code: string): void {
    this.#deadline.cancel();
    this.#promised.reject(new NoAnswer(code, this.#isConnected));
    this.#request.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
