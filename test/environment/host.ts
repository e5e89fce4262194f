import { spawn } from "node:child_process";
import type { ChildProcess, ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../src/base/package-root.ts";

/** A process of its own that has started a server, as a run does; for tests that kill it. */
export interface Host {
  readonly process: ChildProcess;
  /** What it said: where its server is, or the error it met. */
  readonly said: Record<string, unknown>;
  /** Resolves when it has gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface HostRequest {
  readonly request: Readonly<Record<string, unknown>>;
  /** The checkout whose compiled code it runs; ours by default. */
  readonly packageFolder?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly environment?: Readonly<Record<string, string>>;
  /** In a process group of its own, as a terminal gives to each command; a Ctrl-C goes to the whole group. */
  readonly detached?: boolean;
}

export async function startHost(options: HostRequest): Promise<Host> {
  const child = spawnHost(options);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    process: child,
    said: JSON.parse(line) as Record<string, unknown>,
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, "exit");
    },
  };
}

/** As `startHost`, but does not wait until its server is up. */
export function spawnHost(options: HostRequest): ChildProcessByStdio<Writable, Readable, null> {
  const folder = options.packageFolder;
  const script = fileURLToPath(new URL("host.mjs", import.meta.url));
  const args = [
    folder === undefined ? script : `${folder}/host.mjs`,
    folder ?? packageRoot,
    JSON.stringify(options.request),
  ];
  return spawn(process.execPath, args, {
    cwd: "/",
    detached: options.detached ?? false,
    env: { ...process.env, ...options.environment },
    // At the end of its input it ends itself: nothing outlives a test that fails.
    stdio: ["pipe", "pipe", "inherit"],
    ...options.user,
  });
}
