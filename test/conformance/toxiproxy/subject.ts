import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
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
  /** How many file descriptors the server may have; of no meaning to the one in this process. */
  readonly descriptors?: number;
}

export interface RunningSubject extends AsyncDisposable {
  readonly url: string;
  /** Resolves when the server has died of itself. Never, for the one in this process. */
  readonly died: Promise<void>;
  /** What it has logged so far; nothing, of the one in this process. */
  log(): string;
}

const embedded: Subject = {
  kind: "embedded",
  name: "embedded",
  async start({ seed = 0 } = {}) {
    const server = await ProxyServer.start({ seed });
    const died = new Promise<void>(() => {});
    return { url: server.url, died, log: () => "", [Symbol.asyncDispose]: () => server.stop() };
  },
};

/** A program that runs the real server, and what ends it. */
interface RealServer {
  readonly name: string;
  command(args: readonly string[], options: StartOptions): readonly [string, readonly string[]];
  end(child: ChildProcess): void;
}

function realSubject(server: RealServer): Subject {
  return { kind: "real", name: server.name, start: (options) => startReal(server, options) };
}

function program(file: string): RealServer {
  return {
    name: `real (${file})`,
    command: (args, { descriptors }) =>
      descriptors === undefined
        ? [file, args]
        : ["sh", ["-c", `ulimit -n ${descriptors}; exec "$0" "$@"`, file, ...args]],
    end: (child) => child.kill("SIGKILL"),
  };
}

/** On the host's network, as `--toxiproxy docker` starts it. */
function container(image: string): RealServer {
  const name = `doubletake-conformance-${process.pid}-${randomUUID()}`;
  let started = 0;
  return {
    name: `real in Docker (${image})`,
    command: (args, { descriptors }) => {
      const limit = descriptors === undefined ? [] : ["--ulimit", `nofile=${descriptors}`];
      const options = ["--rm", "--network", "host", "--name", `${name}-${++started}`, ...limit];
      return ["docker", ["run", ...options, image, ...args]];
    },
    // The client's own end would leave the container running.
    end: () => void spawn("docker", ["kill", `${name}-${started}`], { stdio: "ignore" }),
  };
}

async function startReal(server: RealServer, options: StartOptions = {}): Promise<RunningSubject> {
  const port = await freePort();
  const seed = String(options.seed ?? 0);
  const args = ["-host", "127.0.0.1", "-port", String(port), "-seed", seed];
  const child = spawn(...server.command(args, options), {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (log += text));
  }
  const died = once(child, "exit").then(() => undefined);
  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> =>
    await fetch(`${url}/version`).then(
      (response) => response.ok,
      () => false,
    );
  const isUp = await waitUntil(answers, { ms: 30_000, everyMs: 20 });
  if (!isUp) throw new Error(`${server.name}: no API`);
  return {
    url,
    died,
    log: () => log,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) server.end(child);
      await withDeadline(died, { ms: 15_000, what: "the end of the real server" });
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
/** A server for each row takes a second each in Docker: `.ci/run` asks for it, `npm test` does not. */
const image = process.env["TOXIPROXY_IMAGE"];

/** The embedded server always, the real one where it is on this machine, and in Docker where that is asked for. */
export const subjects: readonly Subject[] = [
  embedded,
  ...(real === undefined ? [] : [realSubject(program(real))]),
  ...(image === undefined ? [] : [realSubject(container(image))]),
];

/** Why the real server is left out as a program; undefined when it is not. */
export const skipReason: string | undefined =
  real === undefined
    ? "the real Toxiproxy was not exercised: TOXIPROXY_SERVER names no program, and there is no toxiproxy-server on PATH"
    : undefined;
