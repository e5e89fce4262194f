import { Socket } from "node:net";
import type { SocketConstructorOpts } from "node:net";

type Listener = (bytes: Buffer) => void;

/**
 * Where the bytes of a connection come from: to the driver that opens it first, then to who takes it over.
 *
 * A socket of the usual kind takes 64 kB anew for each read, and to collect them costs more than to read an answer. This
 * one is always read into the same buffer: who has taken it over copies what it keeps of the bytes it is given.
 */
export class ByteSource {
  #take: Listener | undefined;
  readonly #socket: Socket | undefined;

  /** With TLS the bytes are decrypted by a socket that the driver puts on top, and are taken from there. */
  constructor(options: { readonly tls: boolean }) {
    this.#socket = options.tls ? undefined : this.#newSocket();
  }

  /** For the driver's configuration. */
  get stream(): { readonly stream?: () => Socket } {
    const socket = this.#socket;
    return socket === undefined ? {} : { stream: () => socket };
  }

  /** From here on `take` is given the bytes. Returns how to give some to the driver all the same. */
  takeOver(stream: Socket, take: Listener): Listener {
    const theirs = stream.listeners("data") as Listener[];
    this.#take = take;
    if (this.#socket === undefined) {
      stream.removeAllListeners("data");
      stream.on("data", take);
    }
    return (bytes) => {
      for (const listener of theirs) listener(bytes);
    };
  }

  #newSocket(): Socket {
    const onread = {
      buffer: shared,
      callback: (length: number): boolean => {
        const bytes = shared.subarray(0, length);
        if (this.#take === undefined) socket.emit("data", Buffer.from(bytes));
        else this.#take(bytes);
        return true;
      },
    };
    // Node documents `onread` for connect, and its types know it only there; it is the constructor that reads it.
    const socket: Socket = new Socket({ onread } as SocketConstructorOpts);
    return socket;
  }
}

/** One for all sockets: a read is handed on before the next one begins. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);
