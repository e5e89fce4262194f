import { startProxyThread } from "../../proxy/proxy-thread.ts";
import { driveToxiproxy } from "./driven-toxiproxy.ts";
import type { ToxiproxyRequest, ToxiproxyServer } from "./toxiproxy-server.ts";

/** Our own server, in a worker thread: nothing to install, and it knows more than the real one. */
export async function startEmbeddedToxiproxy(request: ToxiproxyRequest): Promise<ToxiproxyServer> {
  const { seed, signal } = request;
  const thread = await startProxyThread({ seed, signal });
  try {
    const stopServer = (): Promise<void> => thread.stop();
    return await driveToxiproxy({ kind: "embedded", url: thread.url, stopServer });
  } catch (error) {
    await thread.stop();
    throw error;
  }
}
