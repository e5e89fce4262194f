import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { monotonicMs } from "../base/clock.ts";
import { withDeadline } from "../base/timer.ts";
import type { Endpoint } from "../environment/toxiproxy/toxiproxy-server.ts";

/** What the measured proxies stand in front of: one port that echoes, one that swallows. */
export class TrafficServers implements AsyncDisposable {
  readonly #servers: readonly Server[];
  readonly #sockets = new Set<Socket>();

  private constructor(echo: Server, sink: Server) {
    this.#servers = [echo, sink];
    for (const server of this.#servers) {
      server.on("connection", (socket) => {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.once("close", () => this.#sockets.delete(socket));
      });
    }
    echo.on("connection", (socket) => socket.on("data", (data) => socket.write(data)));
    sink.on("connection", swallow);
  }

  static async open(): Promise<TrafficServers> {
    const [echo, sink] = [createServer({ noDelay: true }), createServer({ noDelay: true })];
    const servers = new TrafficServers(echo, sink);
    for (const server of [echo, sink]) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    return servers;
  }

  get echo(): Endpoint {
    return endpointOf(this.#servers[0] as Server);
  }

  get sink(): Endpoint {
    return endpointOf(this.#servers[1] as Server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    await Promise.all(this.#servers.map((server) => once(server, "close")));
  }
}

/** Says "." once all of a transfer has come; its length is in the first 4 bytes. */
function swallow(socket: Socket): void {
  let leftBytes: number | undefined;
  socket.on("data", (data) => {
    leftBytes ??= data.readUInt32BE(0);
    leftBytes -= data.length;
    if (leftBytes <= 0) socket.end(".");
  });
}

function endpointOf(server: Server): Endpoint {
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

const deadlineMs = 60_000;
const pingBytes = 200;

/** The times of `count` round trips of 200 bytes on one connection, one after the other, in ms. */
export async function roundTripsMs(endpoint: Endpoint, count: number): Promise<number[]> {
  const socket = await open(endpoint);
  const samplesMs: number[] = [];
  const done = new Promise<void>((resolve) => {
    pingPong(socket, (tookMs) => {
      samplesMs.push(tookMs);
      if (samplesMs.length === count) resolve();
      return samplesMs.length < count;
    });
  });
  await withDeadline(done, { ms: deadlineMs, what: "a series of round trips" });
  socket.destroy();
  return samplesMs;
}

/** Round trips per second of `connections` connections at once, for `forMs`. */
export async function pingPongsPerSecond(
  endpoint: Endpoint,
  { connections, forMs }: { readonly connections: number; readonly forMs: number },
): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(endpoint)));
  const startMs = monotonicMs();
  let trips = 0;
  const ends = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        pingPong(socket, () => {
          trips++;
          const goesOn = monotonicMs() - startMs < forMs;
          if (!goesOn) resolve();
          return goesOn;
        });
      }),
  );
  await withDeadline(Promise.all(ends), { ms: deadlineMs, what: "the ping-pong" });
  const tookMs = monotonicMs() - startMs;
  for (const socket of sockets) socket.destroy();
  return trips / (tookMs / 1000);
}

/** MB/s of one transfer of `megabytes` into the sink, until the sink has all of it. */
export async function megabytesPerSecond(endpoint: Endpoint, megabytes: number): Promise<number> {
  const socket = await open(endpoint);
  const chunk = Buffer.alloc(64 * 1024);
  const totalBytes = megabytes * 1_000_000;
  const confirmed = once(socket, "data");
  chunk.writeUInt32BE(totalBytes, 0);
  const startMs = monotonicMs();
  for (let sentBytes = 0; sentBytes < totalBytes; sentBytes += chunk.length) {
    if (!socket.write(chunk.subarray(0, totalBytes - sentBytes))) await once(socket, "drain");
  }
  await withDeadline(confirmed, { ms: deadlineMs, what: "the transfer" });
  const tookMs = monotonicMs() - startMs;
  socket.destroy();
  return megabytes / (tookMs / 1000);
}

/** Sends a ping as often as `onPong` answers true. */
function pingPong(socket: Socket, onPong: (tookMs: number) => boolean): void {
  const ping = Buffer.alloc(pingBytes);
  let leftBytes = pingBytes;
  let sentMs = monotonicMs();
  socket.on("data", (data) => {
    leftBytes -= data.length;
    if (leftBytes > 0) return;
    const goesOn = onPong(monotonicMs() - sentMs);
    leftBytes = pingBytes;
    sentMs = monotonicMs();
    if (goesOn) socket.write(ping);
  });
  socket.write(ping);
}

async function open({ host, port }: Endpoint): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await withDeadline(once(socket, "connect"), { ms: deadlineMs, what: "a connect" });
  socket.on("error", () => {});
  return socket;
}
