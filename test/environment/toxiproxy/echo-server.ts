import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { Endpoint } from "../../../src/environment/toxiproxy/toxiproxy-server.ts";

/** Sends back what it receives: an upstream to stand a proxy in front of. */
export async function startEchoServer(): Promise<Endpoint & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Sends `text` and returns what came back until all of it did, or the connection closed. */
export async function echo({ host, port }: Endpoint, text: string): Promise<string> {
  const socket = connect(port, host);
  let received = "";
  try {
    await once(socket, "connect");
    socket.write(text);
    for await (const chunk of socket) {
      received += String(chunk);
      if (received.length >= text.length) break;
    }
    return received;
  } finally {
    socket.destroy();
  }
}
