import type { Readable } from "node:stream";
import type { ContainerRuntimeClient, StartedTestContainer } from "testcontainers";
import { HarnessError } from "../base/harness-error.ts";
import { withDeadline } from "../base/timer.ts";
import { currentOwner, isTagOfDead, ownerTag } from "./owner.ts";

const askMs = 15_000;
/** An image that is not there yet is pulled first, which takes minutes on a slow network. */
const startMs = 600_000;
const stopMs = 60_000;
/** Characters of a container's log that are kept, for the message when it does not start. */
const keptLog = 4_000;

/** Says which run a container belongs to. */
const ownerLabel = "doubletake.owner";

/**
 * The Docker engine that testcontainers finds; HarnessError where none answers. testcontainers is loaded here and not
 * before: it takes longer to load than an embedded server to start.
 */
export async function dockerEngine(): Promise<ContainerRuntimeClient> {
  const { getContainerRuntimeClient } = await import("testcontainers");
  try {
    return await withDeadline(getContainerRuntimeClient(), { ms: askMs, what: "asking Docker" });
  } catch (error) {
    throw new HarnessError({
      kind: "environment",
      what: "no Docker engine answers",
      where: process.env["DOCKER_HOST"],
      hint: "start Docker, or set DOCKER_HOST; the embedded servers need none",
      cause: error,
    });
  }
}

/** Where the containers' ports are, seen from here. Not `localhost`, which may mean ::1 and then another port. */
export function dockerHost(engine: ContainerRuntimeClient): string {
  const { host } = engine.info.containerRuntime;
  return host === "localhost" ? "127.0.0.1" : host;
}

/** A GenericContainer, of which a subclass starts as a type of its own. */
interface StartableContainer<Started> {
  withLabels(labels: Record<string, string>): unknown;
  withLogConsumer(consumer: (stream: Readable) => void): unknown;
  start(): Promise<Started>;
}

/** Starts a container of this run; `image` is for the message when it does not start. */
export async function startContainer<Started extends StartedTestContainer>(
  container: StartableContainer<Started>,
  image: string,
): Promise<Started> {
  container.withLabels({ [ownerLabel]: ownerTag(currentOwner()) });
  let said = "";
  let log: Readable | undefined;
  container.withLogConsumer((stream) => {
    log = stream.on("data", (chunk) => (said = (said + String(chunk)).slice(-keptLog)));
  });
  try {
    const deadline = { ms: startMs, what: `the container of ${image}` };
    return await withDeadline(container.start(), deadline);
  } catch (error) {
    throw failedStart(error, image, said);
  } finally {
    log?.destroy();
  }
}

function failedStart(error: unknown, image: string, said: string): HarnessError {
  const words = said.trim().split("\n").slice(-5).join("\n    ");
  const reason = (error as Error).message;
  return new HarnessError({
    kind: "environment",
    what: `the container did not start: ${reason}${words === "" ? "" : `\n    ${words}`}`,
    where: image,
    hint: `is the image right, and are the settings? try: docker pull ${image}`,
    cause: error,
  });
}

export async function stopContainer(container: StartedTestContainer): Promise<void> {
  const what = `stopping the container ${container.getName()}`;
  await withDeadline(container.stop({ timeout: 0, remove: true, removeVolumes: true }), {
    ms: stopMs,
    what,
  });
}

/**
 * Removes the containers of runs of this machine that were killed. testcontainers has a reaper of its own for that,
 * which needs one more image and may be switched off. Returns their names.
 */
export async function removeLeftoverContainers(
  engine: ContainerRuntimeClient,
): Promise<readonly string[]> {
  const all = await engine.container.list();
  const dead = all.filter(({ Labels }) => isTagOfDead(Labels[ownerLabel] ?? ""));
  for (const { Id } of dead) {
    await engine.container.getById(Id).remove({ force: true, v: true });
  }
  return dead.map(({ Names, Id }) => Names[0]?.replace(/^\//, "") ?? Id);
}
