import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { joinHostPort } from "./listen-address.ts";
import type { HostPort } from "./listen-address.ts";

/** A port that could not be opened, in the words of Go's net package. */
export class ListenError extends Error {}

/** Accepts connections on one address. */
export class Listener {
  readonly #server: Server;
  /** As it is: with the port that was chosen where 0 was asked for. */
  readonly address: HostPort;

  private constructor(server: Server, address: HostPort) {
    this.#server = server;
    this.address = address;
  }

  static async open(address: HostPort, accept: (client: Socket) => void): Promise<Listener> {
    const options = { allowHalfOpen: true, noDelay: true, ...keepAlive };
    const server = createServer({ ...options, pauseOnConnect: false }, accept);
    await listen(server, address);
    const bound = server.address();
    const port = bound !== null && typeof bound === "object" ? bound.port : address.port;
    return new Listener(server, { host: address.host, port });
  }

  /** Refuses new connections at once; resolves when those accepted have been closed, too, by their owner. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** Go's default period, for both sockets of a connection. */
export const keepAlive = { keepAlive: true, keepAliveInitialDelay: 15_000 } as const;

/** Deep enough for a burst of thousands of connects; the kernel has its own limit (somaxconn). */
const backlog = 4096;

async function listen(server: Server, { host, port }: HostPort): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new ListenError(listenProblem(error, joinHostPort(host, port)), { cause: error })),
    );
    server.listen({ host, port, backlog }, () => {
      server.removeAllListeners("error");
      // An accept that fails (out of file descriptors) costs that connection, never the server.
      server.on("error", () => {});
      resolve();
    });
  });
}

const problems: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "cannot assign requested address",
};

function listenProblem(error: NodeJS.ErrnoException, address: string): string {
  const problem = problems[error.code ?? ""] ?? error.message;
  return `listen tcp ${address}: bind: ${problem}`;
}
