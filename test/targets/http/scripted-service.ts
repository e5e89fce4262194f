import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One request as the service saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly host: string;
}

export type Script = (seen: Seen, response: ServerResponse, socket: Socket) => void;

/** A service that answers as a test says, on a free port of the loopback. */
export interface ScriptedService extends AsyncDisposable {
  readonly port: number;
  readonly seen: readonly Seen[];
}

export async function scriptedService(script: Script): Promise<ScriptedService> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const { method = "", url = "", headers, socket } = request;
      const each = { method, path: url, body: await read(request), host: headers.host ?? "" };
      seen.push(each);
      script(each, response, socket);
    };
    void answer();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}
