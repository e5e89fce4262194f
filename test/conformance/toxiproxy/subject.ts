import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { waitUntil, withDeadline } from "../../../src/base/timer.ts";
import { freePort } from "../../../src/environment/free-port.ts";
import { ProxyServer } from "../../../src/proxy/server.ts";

/** A Toxiproxy server that the suite is exercised against. */
export interface Subject {
  readonly kind: "embedded" | "real";
  readonly name: string;
  start(options?: StartOptions): Promise<RunningSubject>;
}

export interface StartOptions {
  readonly seed?: number;
}

export interface RunningSubject extends AsyncDisposable {
  readonly url: string;
  /** Resolves when the server has died of itself. Never, for the one in this process. */
  readonly died: Promise<void>;
}

const embedded: Subject = {
  kind: "embedded",
  name: "embedded",
  async start({ seed = 0 } = {}) {
    const server = await ProxyServer.start({ seed });
    const died = new Promise<void>(() => {});
    return { url: server.url, died, [Symbol.asyncDispose]: () => server.stop() };
  },
};

function realSubject(file: string): Subject {
  return { kind: "real", name: `real (${file})`, start: (options) => startReal(file, options) };
}

async function startReal(file: string, { seed = 0 }: StartOptions = {}): Promise<RunningSubject> {
  const port = await freePort();
  const args = ["-host", "127.0.0.1", "-port", String(port), "-seed", String(seed)];
  const child = spawn(file, args, { stdio: "ignore" });
  const died = once(child, "exit").then(() => undefined);
  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> =>
    await fetch(`${url}/version`).then(
      (response) => response.ok,
      () => false,
    );
  if (!(await waitUntil(answers, { ms: 10_000, everyMs: 20 }))) throw new Error(`${file}: no API`);
  return {
    url,
    died,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await withDeadline(died, { ms: 5000, what: "the end of the real server" });
    },
  };
}

/** `TOXIPROXY_SERVER`, else `toxiproxy-server` on PATH; undefined when there is none. */
function findReal(): string | undefined {
  const given = process.env["TOXIPROXY_SERVER"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates =
    given === undefined ? folders.map((folder) => join(folder, "toxiproxy-server")) : [given];
  return candidates.find((file) => isProgram(file));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const real = findReal();

/** The embedded server always, the real one where it is on this machine. */
export const subjects: readonly Subject[] =
  real === undefined ? [embedded] : [embedded, realSubject(real)];

/** Why the real server is left out; undefined when it is not. */
export const skipReason: string | undefined =
  real === undefined
    ? "the real Toxiproxy was not exercised: TOXIPROXY_SERVER names no program, and there is no toxiproxy-server on PATH"
    : undefined;
