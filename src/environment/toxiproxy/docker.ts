import type { ContainerRuntimeClient, StartedTestContainer } from "testcontainers";
import { HarnessError } from "../../base/harness-error.ts";
import { waitUntil } from "../../base/timer.ts";
import {
  dockerEngine,
  dockerHost,
  removeLeftoverContainers,
  startContainer,
  stopContainer,
} from "../docker-engine.ts";
import { isLoopback } from "../endpoint.ts";
import { stopIfAborted } from "../start-signal.ts";
import { driveToxiproxy } from "./driven-toxiproxy.ts";
import { answers, claimServer, newMarker } from "./ownership.ts";
import { startOnFreePort } from "./start-on-free-port.ts";
import type { ToxiproxyRequest, ToxiproxyServer } from "./toxiproxy-server.ts";

const readyMs = 15_000;
const configFile = "/doubletake.json";

/**
 * The real server in a container on the host's own network.
 *
 * On a network of Docker's, a proxy would have to be published before it is known, and could not reach a PostgreSQL
 * that listens on the host's loopback, as the embedded one does, without a tunnel through yet another container. On the
 * host's network the proxy stands where the bots stand: every PostgreSQL that we reach it reaches by the same address,
 * in a container (whose port is published on the host) or not, and no translation distorts what is measured.
 */
export async function startDockerToxiproxy(request: ToxiproxyRequest): Promise<ToxiproxyServer> {
  const engine = await dockerEngine();
  await removeLeftoverContainers(engine).catch(() => undefined);
  return await startOnFreePort({ what: "Toxiproxy in Docker", where: request.image }, (port) =>
    startOnPort(engine, { ...request, port }),
  );
}

/** Undefined: the port is somebody else's. */
async function startOnPort(
  engine: ContainerRuntimeClient,
  { image, port, signal }: ToxiproxyRequest & { readonly port: number },
): Promise<ToxiproxyServer | undefined> {
  const marker = newMarker();
  const container = await runContainer({ image, port, config: marker.config, engine });
  try {
    const url = `http://${dockerHost(engine)}:${port}`;
    const isUp = (): Promise<boolean> => answers(url);
    const inTime = await waitUntil(isUp, { ms: readyMs, everyMs: 20, ...(signal && { signal }) });
    stopIfAborted(signal);
    if (!inTime) throw unreachable(image, url);
    if (await claimServer(url, marker)) {
      const stopServer = (): Promise<void> => stopContainer(container);
      return await driveToxiproxy({ kind: "docker", url, stopServer });
    }
  } catch (error) {
    await stopContainer(container);
    throw error;
  }
  await stopContainer(container);
  return undefined;
}

async function runContainer(options: {
  readonly image: string;
  readonly port: number;
  readonly config: string;
  readonly engine: ContainerRuntimeClient;
}): Promise<StartedTestContainer> {
  const { image, port, config, engine } = options;
  const { GenericContainer } = await import("testcontainers");
  const host = isLoopback(dockerHost(engine)) ? "127.0.0.1" : "0.0.0.0";
  const container = new GenericContainer(image)
    .withNetworkMode("host")
    .withCopyContentToContainer([{ content: config, target: configFile }])
    .withCommand(["-host", host, "-port", String(port), "-config", configFile]);
  return await startContainer(container, image);
}

function unreachable(image: string, url: string): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: "Toxiproxy runs in Docker, and its API cannot be reached",
    where: `${image} at ${url}`,
    hint: "it uses the host's network: in Docker Desktop, enable host networking in the settings",
  });
}
