import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { HarnessError } from "../base/harness-error.ts";
import { waitUntil, withDeadline } from "../base/timer.ts";
import { childFile, makeOwnedFolder } from "./owned-folder.ts";
import { processState } from "./process-state.ts";

/**
 * A process that we stop, kill and let go on as we like, and that does not outlive us:
 *
 * ```
 *   doubletake ──stdin──▶ guard (/bin/sh)   reads until the pipe ends, then kills its whole group
 *        ├─────fd 4─────▶ process           takes its commands
 *        └◀────fd 3────── process           tells what it did; the pipe keeps it when the process is killed
 * ```
 *
 * A stopped process hears nothing, so it cannot notice that we have died: the guard is there for that, because SIGKILL
 * ends also what stands still. Should the guard be killed as well, the next start ends the process: its number stands in a
 * folder of ours, and its command line names the folder (see `leftovers.ts`).
 */
const guard = `
trap '' TERM HUP INT
folder=$1
shift
"$@" "$folder/" </dev/null &
exec 3>&- 4<&-
while read -r _; do :; done
rm -rf -- "$folder"
kill -KILL 0
`;

const endMs = 4_000;
const stoppedMs = 5_000;
/** Of what the process prints, as much as an error message needs. */
const keptOutput = 4_000;

export interface GuardedCommand {
  /** Of a Node module. */
  readonly file: string;
  /** One more follows them, which names a folder of ours. */
  readonly args: readonly string[];
}

export class GuardedProcess implements AsyncDisposable {
  /** What the process tells, to the end. */
  readonly output: Readable;
  /** Where it takes its commands from. */
  readonly commands: Writable;
  readonly #guard: ChildProcess;
  readonly #ended: Promise<void>;
  /** Removed with the process. */
  readonly #folder: string;
  #hasEnded = false;
  #printed = "";
  /** Known once the process has told it. */
  #pid: number | undefined;

  private constructor(child: ChildProcess, folder: string) {
    this.#guard = child;
    this.#folder = folder;
    this.output = child.stdio[3] as Readable;
    this.commands = child.stdio[4] as unknown as Writable;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#printed = (this.#printed + chunk.toString()).slice(-keptOutput);
    });
    // Pipes break where the other end was killed; the end of the output tells.
    for (const pipe of [child.stdin, this.commands, this.output]) {
      pipe?.on("error", () => undefined);
    }
    this.#ended = new Promise((resolve) => {
      this.output.once("close", () => {
        this.#hasEnded = true;
        rmSync(folder, { recursive: true, force: true });
        child.stdin?.end();
        resolve();
      });
    });
  }

  /** HarnessError (environment) where it cannot be started. */
  static async start({ file, args }: GuardedCommand): Promise<GuardedProcess> {
    const folder = await makeOwnedFolder("host");
    // Not our own options: an --input-type or an --import of a test runner would break the process.
    const child = spawn(
      "/bin/sh",
      ["-c", guard, "doubletake-host", folder, process.execPath, file, ...args],
      { stdio: ["pipe", "ignore", "pipe", "pipe", "pipe"], detached: true },
    );
    await once(child, "spawn").catch((cause: unknown) => {
      rmSync(folder, { recursive: true, force: true });
      const what = `a process for bots cannot be started: ${(cause as Error).message}`;
      throw new HarnessError({ kind: "environment", what, where: "/bin/sh", cause });
    });
    return new GuardedProcess(child, folder);
  }

  /** Resolves when the process is gone and all that it told has been read. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The last of what it printed, for an error message. */
  get printed(): string {
    return this.#printed.trim();
  }

  /** The guard's number is not the process's own, which only the process itself knows. */
  knowAs(pid: number): void {
    this.#pid = pid;
    if (!this.#hasEnded) writeFileSync(join(this.#folder, childFile), `${pid}\n`);
  }

  /** Kills it at once; resolves when it is gone. Idempotent. */
  async kill(): Promise<void> {
    if (this.#pid === undefined) this.#guard.stdin?.end();
    else this.#signal("SIGKILL");
    await withDeadline(this.#ended, { ms: endMs, what: "the end of a killed process" });
  }

  /** Stops it; resolves when it stands still, where the system can tell. */
  async stop(): Promise<void> {
    this.#signal("SIGSTOP");
    const pid = this.#pid ?? 0;
    const isStill = (): boolean => this.#hasEnded || processState(pid)?.startsWith("T") !== false;
    if (await waitUntil(isStill, { ms: stoppedMs, everyMs: 1 })) return;
    throw new HarnessError({ kind: "environment", what: `process ${pid} does not stop` });
  }

  continue(): void {
    this.#signal("SIGCONT");
  }

  /** Lets it end in good order, and kills it where it does not. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.continue();
    this.commands.end();
    const deadline = { ms: endMs, what: "the end of a process for bots" };
    await withDeadline(this.#ended, deadline).catch(() => undefined);
    // Also what the process may have left is ended.
    this.#guard.stdin?.end();
    if (this.#guard.exitCode !== null || this.#guard.signalCode !== null) return;
    await withDeadline(once(this.#guard, "exit"), deadline);
    await withDeadline(this.#ended, deadline);
  }

  /** As long as its output has not ended the number is still its own. */
  #signal(signal: NodeJS.Signals): void {
    if (this.#pid === undefined || this.#hasEnded) return;
    try {
      process.kill(this.#pid, signal);
    } catch {
      // It has ended in this very moment.
    }
  }
}
