import type { ContainerRuntimeClient } from "testcontainers";
import { HarnessError } from "../base/harness-error.ts";
import { withDeadline } from "../base/timer.ts";

const askMs = 15_000;

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
