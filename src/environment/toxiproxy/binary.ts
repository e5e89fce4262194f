import { accessSync, constants, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { HarnessError } from "../../base/harness-error.ts";
import { waitUntil } from "../../base/timer.ts";
import { GuardedFolder, isRunning } from "../guarded-folder.ts";
import { stopIfAborted } from "../start-signal.ts";
import { driveToxiproxy } from "./driven-toxiproxy.ts";
import { answers, claimServer, newMarker } from "./ownership.ts";
import { startOnFreePort } from "./start-on-free-port.ts";
import type { ToxiproxyRequest, ToxiproxyServer } from "./toxiproxy-server.ts";

const program = "toxiproxy-server";
const readyMs = 10_000;

/** The real server, started by us from `TOXIPROXY_SERVER`, or from PATH. */
export async function startToxiproxyBinary(request: ToxiproxyRequest): Promise<ToxiproxyServer> {
  const file = findToxiproxyBinary();
  const folder = await GuardedFolder.create("toxiproxy");
  try {
    const { signal } = request;
    const url = await startOnFreePort({ what: program, where: file }, (port) =>
      startOnPort({ folder, file, signal }, port),
    );
    return await driveToxiproxy({ kind: "binary", url, stopServer: () => folder.stop() });
  } catch (error) {
    await folder.stop();
    throw error;
  }
}

/** The program's path; HarnessError where there is none. */
export function findToxiproxyBinary(): string {
  const given = process.env["TOXIPROXY_SERVER"];
  if (given !== undefined && given !== "") {
    if (isProgram(given)) return given;
    throw missing("TOXIPROXY_SERVER names no program that can be run", given);
  }
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = folders.map((folder) => join(folder, program)).find(isProgram);
  if (found !== undefined) return found;
  throw missing(`there is no ${program} on PATH`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missing(what: string, where?: string): HarnessError {
  const hint = `install Toxiproxy and set TOXIPROXY_SERVER to its ${program}, or use --toxiproxy embedded`;
  return new HarnessError({ kind: "environment", what, where, hint });
}

interface Start {
  readonly folder: GuardedFolder;
  readonly file: string;
  readonly signal?: AbortSignal | undefined;
}

/** The URL of its API; undefined where somebody else has the port. */
async function startOnPort(
  { folder, file, signal }: Start,
  port: number,
): Promise<string | undefined> {
  const marker = newMarker();
  const url = `http://127.0.0.1:${port}`;
  const log = `server-${port}.log`;
  const config = folder.file("config.json");
  writeFileSync(config, marker.config);
  const args = ["-host", "127.0.0.1", "-port", String(port), "-config", config];
  const child = await folder.spawn({ file, args, log });
  const lostPort = async (): Promise<boolean> =>
    (await folder.lastLines(log)).includes("address already in use");
  const settled = async (): Promise<boolean> =>
    !isRunning(child) || (await lostPort()) || (await answers(url));
  const inTime = await waitUntil(settled, { ms: readyMs, everyMs: 10, ...(signal && { signal }) });
  stopIfAborted(signal);
  if (!inTime || !isRunning(child)) throw failedStart(file, await folder.lastLines(log, 3));
  const isOurs = !(await lostPort()) && (await claimServer(url, marker));
  if (!isOurs) child.kill("SIGKILL");
  return isOurs ? url : undefined;
}

function failedStart(file: string, said: string): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: `${program} did not start:\n    ${said === "" ? "(it said nothing)" : said}`,
    where: file,
    hint: "run it by hand, or use --toxiproxy embedded",
  });
}
