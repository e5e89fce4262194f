import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { withDeadline } from "../../src/base/timer.ts";

/** How a peer saw its connection end. */
export type End = "fin" | "rst";

/** One end of a connection, as a test drives it. Every wait has a deadline and says what it waited for. */
export class Peer {
  readonly socket: Socket;
  readonly #ended: Promise<End>;
  #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #wake: () => void = () => {};
  #isOver = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (data) => {
      this.#chunks.push(data);
      this.#receivedBytes += data.length;
      this.#wake();
    });
    this.#ended = new Promise((resolve) => {
      socket.once("end", () => resolve("fin"));
      socket.once("error", () => resolve("rst"));
      socket.once("close", () => resolve("fin"));
    });
    void this.#noticeEnd();
  }

  static async connect(listen: string): Promise<Peer> {
    const port = Number(listen.slice(listen.lastIndexOf(":") + 1));
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new Peer(socket);
  }

  /** Everything received and not taken yet. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  send(data: string | Buffer): void {
    this.socket.write(data);
  }

  /** Takes exactly `bytes`. */
  async read(bytes: number): Promise<Buffer> {
    await this.#until(() => this.#receivedBytes >= bytes, `${bytes} bytes`);
    return this.#take(bytes);
  }

  async readText(text: string): Promise<void> {
    const found = (await this.read(Buffer.byteLength(text))).toString();
    if (found !== text) throw new Error(`expected ${text}, got ${found}`);
  }

  /** Takes what is left, once the other side has ended. */
  async readToEnd(): Promise<Buffer> {
    await this.ended();
    return this.#take(this.#receivedBytes);
  }

  ended(): Promise<End> {
    return withDeadline(this.#ended, { ms: 20_000, what: "the end of the connection" });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async #noticeEnd(): Promise<void> {
    await this.#ended;
    this.#isOver = true;
    this.#wake();
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const wait = async (): Promise<void> => {
      while (!condition()) {
        if (this.#isOver) throw new Error(`the connection ended before ${what} came`);
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    };
    await withDeadline(wait(), { ms: 20_000, what: `the arrival of ${what}` });
  }

  #take(bytes: number): Buffer {
    const all = this.received;
    this.#chunks = [all.subarray(bytes)];
    this.#receivedBytes = all.length - bytes;
    return all.subarray(0, bytes);
  }
}

/** A server whose connections the test takes one by one. */
export class Upstream implements AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly #server: Server;
  readonly #accepted: Peer[] = [];
  readonly #all = new Set<Peer>();
  #waiting: ((peer: Peer) => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.address = `127.0.0.1:${this.port}`;
  }

  static async open(): Promise<Upstream> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve) =>
      server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, resolve),
    );
    const upstream = new Upstream(server);
    server.on("connection", (socket) => upstream.#take(new Peer(socket)));
    return upstream;
  }

  /** Sends back whatever comes, until it is closed. */
  static async echo(): Promise<Upstream> {
    const upstream = await Upstream.open();
    upstream.#server.on("connection", (socket) => {
      socket.on("data", (data) => socket.write(data));
      socket.on("end", () => socket.end());
    });
    return upstream;
  }

  accepted(): Promise<Peer> {
    const peer = this.#accepted.shift();
    if (peer !== undefined) return Promise.resolve(peer);
    const next = new Promise<Peer>((resolve) => this.#waiting.push(resolve));
    return withDeadline(next, { ms: 20_000, what: "a connection to the upstream" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const peer of this.#all) peer.socket.destroy();
    await closed;
  }

  #take(peer: Peer): void {
    this.#all.add(peer);
    peer.socket.once("close", () => this.#all.delete(peer));
    const next = this.#waiting.shift();
    if (next === undefined) this.#accepted.push(peer);
    else next(peer);
  }
}
