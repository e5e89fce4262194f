import { HarnessError } from "../../base/harness-error.ts";
import { freePort } from "../free-port.ts";

const attempts = 5;

/**
 * Starts a server that must be told its port. A port that was free may be somebody else's by the time the server wants it:
 * `start` then returns undefined, and is asked again with another.
 */
export async function startOnFreePort<T>(
  server: { readonly what: string; readonly where: string },
  start: (port: number) => Promise<T | undefined>,
): Promise<T> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const started = await start(await freePort());
    if (started !== undefined) return started;
  }
  const what = `${server.what} found its port in use, again and again`;
  throw new HarnessError({ kind: "environment", what, where: server.where });
}
