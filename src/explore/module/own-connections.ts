import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { PostgresAddress } from "../../environment/postgres/postgres-server.ts";
import type { Misuse } from "./misuse.ts";

const host = "127.0.0.1";
/** Length and code of a request for TLS; what else a client begins with is its name and the like. */
const tlsRequest = { bytes: 8, code: 80_877_103 };
/** The message of a client that goes. */
const terminate = 0x58;

const why = "explore cannot put in an order what is sent by connections of one's own";

/**
 * Where `databaseUrl` and `controlUrl` lead: to the server as long as the module sets up its tables, and to an error
 * from then on, since a statement that passes no door would make every answer a lie.
 */
export class OwnConnections implements AsyncDisposable {
  readonly address: PostgresAddress;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #misuse: Misuse;
  #isSealed = false;
  #wereUsed = false;

  private constructor(server: Server, address: PostgresAddress, misuse: Misuse) {
    this.#server = server;
    this.#misuse = misuse;
    const { port } = server.address() as AddressInfo;
    this.address = { ...address, host, port };
    server.on("connection", (socket) => this.#take(socket, address));
  }

  static async open(address: PostgresAddress, misuse: Misuse): Promise<OwnConnections> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, host, resolve);
    });
    return new OwnConnections(server, address, misuse);
  }

  /** The module has set itself up, or some of it, by connections of its own. */
  get wereUsed(): boolean {
    return this.#wereUsed;
  }

  /** The set-up is over. */
  seal(): void {
    this.#isSealed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #take(socket: Socket, { host: to, port }: PostgresAddress): void {
    this.#keep(socket);
    if (this.#isSealed) return this.#refuse(socket);
    this.#wereUsed = true;
    const server = this.#keep(connect(port, to));
    socket.on("data", (bytes) => this.#passOn(bytes, socket, server));
    server.on("data", (bytes) => socket.write(bytes));
    socket.on("close", () => server.destroy());
    server.on("close", () => socket.destroy());
  }

  #passOn(bytes: Buffer, socket: Socket, server: Socket): void {
    if (this.#isSealed && bytes[0] !== terminate) {
      this.#note();
      socket.destroy();
    } else server.write(bytes);
  }

  #refuse(socket: Socket): void {
    this.#note();
    socket.on("data", (bytes) => {
      const wantsTls =
        bytes.length === tlsRequest.bytes && bytes.readUInt32BE(4) === tlsRequest.code;
      if (wantsTls) socket.write("N");
      else socket.end(fatal(why));
    });
  }

  #note(): void {
    this.#misuse.note(
      "it speaks to the database by a connection of its own, which no bot's door stands before",
      "use the pool that the module is opened with: ({ pool }) => …",
    );
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    return socket;
  }
}

/** An ErrorResponse of the protocol. */
function fatal(message: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C0A000\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
