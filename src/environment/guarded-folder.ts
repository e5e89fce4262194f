import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { assert } from "../base/assert.ts";
import { HarnessError } from "../base/harness-error.ts";
import { withDeadline } from "../base/timer.ts";
import { fileError } from "./file-error.ts";
import { guardScript } from "./guard-script.ts";
import { childFile, makeOwnedFolder } from "./owned-folder.ts";
import type { FolderPurpose } from "./owned-folder.ts";

/** The script gives a server 6 s to end, kills it, and tries for 1 s to remove the folder. */
const stopMs = 20_000;

export interface FolderCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Name of the file in the folder that receives all output. */
  readonly log: string;
  /** Whose process it is; ours when absent. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * A temporary folder with a server in it. Both go together, whatever becomes of us:
 *
 * ```
 *   doubletake ──pipe──▶ guard (/bin/sh)   reads until the pipe ends, then ends the server and removes the folder
 *        └─────────────▶ server            runs in the folder
 * ```
 *
 * Guard and server have sessions of their own: Ctrl-C in the terminal reaches us alone, and we stop in good order. If
 * the guard is killed too, the next start finds the folder by its owner file (see `leftovers.ts`).
 */
export class GuardedFolder implements AsyncDisposable {
  readonly path: string;
  readonly #guard: ChildProcess;
  #stopped: Promise<void> | undefined;

  private constructor(path: string, guard: ChildProcess) {
    this.path = path;
    this.#guard = guard;
  }

  static async create(purpose: Exclude<FolderPurpose, "host">): Promise<GuardedFolder> {
    const path = await makeOwnedFolder(purpose);
    try {
      return new GuardedFolder(path, await startGuard(path));
    } catch (error) {
      await rm(path, { recursive: true, force: true });
      throw error;
    }
  }

  /** Where a file of the folder is. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Starts the folder's process; there is one at a time. Its command line must name the folder. */
  async spawn(command: FolderCommand): Promise<ChildProcess> {
    // Once the guard has begun it would not see the new process.
    assert(this.#stopped === undefined, "no process is started in a folder that is being removed");
    const log = this.#openLog(command.log);
    try {
      const child = spawn(command.file, command.args, {
        cwd: this.path,
        env: serverEnvironment(),
        stdio: ["ignore", log, log],
        detached: true,
        ...command.user,
      });
      // Written in the same turn: should we be killed now, the guard knows whom to end.
      if (child.pid !== undefined) writeFileSync(this.file(childFile), `${child.pid}\n`);
      await once(child, "spawn");
      child.unref();
      return child;
    } catch (error) {
      throw cannotRun(error, command.file);
    } finally {
      closeSync(log);
    }
  }

  /** For us alone: it may show the statements of a run. */
  #openLog(name: string): number {
    try {
      return openSync(this.file(name), "a", 0o600);
    } catch (error) {
      throw fileError(error, this.file(name));
    }
  }

  /** The last lines of a log, for an error message. */
  async lastLines(log: string, count = 8): Promise<string> {
    const text = await readFile(this.file(log), "utf8").catch(() => "");
    return text.trimEnd().split("\n").slice(-count).join("\n");
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    await this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    this.#guard.stdin?.end();
    await ended(this.#guard);
    if (existsSync(this.path)) await endAndRemove(this.path);
  }
}

/** Ends the server of a folder, if it still runs, and removes the folder. */
export async function endAndRemove(path: string): Promise<void> {
  const script = spawn("/bin/sh", scriptArguments(path), {
    cwd: "/",
    env: serverEnvironment(),
    stdio: "ignore",
    detached: true,
  });
  await ended(script);
  if (!existsSync(path)) return;
  throw new HarnessError({
    kind: "environment",
    what: "the temporary folder could not be removed",
    where: path,
    hint: "end the processes that use it, then run `doubletake doctor --clean`",
  });
}

async function startGuard(path: string): Promise<ChildProcess> {
  const guard = spawn("/bin/sh", scriptArguments(path), {
    cwd: "/",
    env: serverEnvironment(),
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  await once(guard, "spawn").catch((error) => {
    throw cannotRun(error, "/bin/sh");
  });
  // The pipe breaks when somebody kills the guard; `stop` notices that the folder is still there.
  guard.stdin?.on("error", () => undefined);
  // Neither keeps us from ending: if we end without a stop, the guard does its work.
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}

function scriptArguments(path: string): string[] {
  return ["-c", guardScript, "doubletake-guard", path];
}

function cannotRun(error: unknown, file: string): HarnessError {
  const what = `the program cannot be run: ${(error as Error).message}`;
  return new HarnessError({ kind: "environment", what, where: file, cause: error });
}

export function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function ended(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  child.ref();
  await withDeadline(once(child, "exit"), { ms: stopMs, what: "removing the temporary folder" });
}

/**
 * Nothing of the user's `PG…` variables may reach a server of ours. Messages are English because they are searched; the
 * time zone is given because looking for the machine's own costs initdb a scan of every zone. The guard finds `rm`
 * whatever the user has made of PATH.
 */
function serverEnvironment(): NodeJS.ProcessEnv {
  const path = [process.env["PATH"] ?? "", "/usr/bin", "/bin"].join(delimiter);
  return { PATH: path, LC_ALL: "C", TZ: "UTC" };
}
