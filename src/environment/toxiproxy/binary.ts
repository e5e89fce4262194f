import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Toxiproxy } from "toxiproxy-node-client";
import { HarnessError } from "../../base/harness-error.ts";
import { waitUntil } from "../../base/timer.ts";
import { freePort } from "../free-port.ts";
import { GuardedFolder } from "../guarded-folder.ts";
import { stopIfAborted } from "../start-signal.ts";
import { driveToxiproxy, removeProxy } from "./driven-toxiproxy.ts";
import { toxiproxyApi } from "./toxiproxy-api.ts";
import type { ToxiproxyRequest, ToxiproxyServer } from "./toxiproxy-server.ts";

const program = "toxiproxy-server";
const readyMs = 10_000;
const portAttempts = 5;

/** The real server, started by us from `TOXIPROXY_SERVER`, or from PATH. */
export async function startToxiproxyBinary(request: ToxiproxyRequest): Promise<ToxiproxyServer> {
  const file = findToxiproxyBinary();
  const folder = await GuardedFolder.create("toxiproxy");
  try {
    const url = await startOnFreePort({ folder, file, signal: request.signal });
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

/** Returns the URL of its API. */
async function startOnFreePort(start: Start): Promise<string> {
  for (let attempt = 1; attempt <= portAttempts; attempt++) {
    const port = await freePort();
    if (await startOnPort(start, port)) return `http://127.0.0.1:${port}`;
  }
  throw new HarnessError({
    kind: "environment",
    what: `${program} found its port in use, again and again`,
  });
}

/**
 * False: somebody else has the port. The real server then keeps running without an API, so neither its being alive nor
 * an answer at its port says that it is ours: it is if it has the proxy that only our server was told to make.
 */
async function startOnPort({ folder, file, signal }: Start, port: number): Promise<boolean> {
  const marker = `doubletake-${randomBytes(8).toString("hex")}`;
  const url = `http://127.0.0.1:${port}`;
  const log = `server-${port}.log`;
  const args = ["-host", "127.0.0.1", "-port", String(port), "-config", markIn(folder, marker)];
  const child = await folder.spawn({ file, args, log });
  const lostPort = async (): Promise<boolean> =>
    (await folder.lastLines(log)).includes("address already in use");
  const settled = async (): Promise<boolean> =>
    !isRunning(child) || (await lostPort()) || (await answers(url));
  const inTime = await waitUntil(settled, { ms: readyMs, everyMs: 10, ...(signal && { signal }) });
  stopIfAborted(signal);
  if (!inTime || !isRunning(child)) throw failedStart(file, await folder.lastLines(log, 3));
  const isOurs = !(await lostPort()) && (await removeMarker(toxiproxyApi(url), marker));
  if (!isOurs) child.kill("SIGKILL");
  return isOurs;
}

/** The server applies its configuration before its API listens. */
function markIn(folder: GuardedFolder, marker: string): string {
  const config = folder.file("config.json");
  const proxy = { name: marker, listen: "127.0.0.1:0", upstream: "127.0.0.1:1", enabled: false };
  writeFileSync(config, JSON.stringify([proxy]));
  return config;
}

async function removeMarker(api: Toxiproxy, marker: string): Promise<boolean> {
  try {
    if (!(marker in (await api.getAll()))) return false;
    await removeProxy(api, marker);
    return true;
  } catch {
    // It is no Toxiproxy that has the port.
    return false;
  }
}

/** Half a second is long for a server that is up; one that took our port and says nothing must not hold us up. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/version`, { signal: AbortSignal.timeout(500) });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function failedStart(file: string, said: string): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: `${program} did not start:\n    ${said === "" ? "(it said nothing)" : said}`,
    where: file,
    hint: "run it by hand, or use --toxiproxy embedded",
  });
}
