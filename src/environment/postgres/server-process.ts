import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { HarnessError } from "../../base/harness-error.ts";
import { waitUntil, withDeadline } from "../../base/timer.ts";
import { freePort } from "../free-port.ts";
import { isRunning } from "../guarded-folder.ts";
import type { GuardedFolder } from "../guarded-folder.ts";
import { stopIfAborted } from "../start-signal.ts";
import type { ServerBinaries } from "./server-binaries.ts";
import { serverFailure } from "./server-failure.ts";

/** A start may have to replay all that a crash left unflushed. */
const readyMs = 60_000;
/** On SIGQUIT the server gives its children 5 s before it kills them. */
const crashMs = 15_000;
/** A port that was free a moment ago may be lost to somebody else; a few times in a row it is not bad luck. */
const portAttempts = 5;
/** After a crash the port must be the same one; who uses it meanwhile is a short-lived connection at worst. */
const samePortMs = 5_000;

const log = "server.log";

/** The postmaster of the server in a folder's data folder. */
export class ServerProcess {
  readonly #folder: GuardedFolder;
  readonly #binaries: ServerBinaries;
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(folder: GuardedFolder, binaries: ServerBinaries) {
    this.#folder = folder;
    this.#binaries = binaries;
  }

  /** Where it listens, once it was started. */
  get port(): number {
    return this.#port;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && isRunning(this.#child);
  }

  /** Starts on a port of its own choice; resolves when the server accepts connections. */
  async start(signal?: AbortSignal): Promise<void> {
    for (let attempt = 1; attempt <= portAttempts; attempt++) {
      this.#port = await freePort();
      if (await this.#startOnPort(signal)) return;
    }
    throw this.#portInUse();
  }

  /** The server stops at once, as in a power failure of itself: what it had not written is lost. */
  async crash(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.ref();
    if (isRunning(child)) child.kill("SIGQUIT");
    if (isRunning(child)) {
      const what = "the immediate shutdown of PostgreSQL";
      await withDeadline(once(child, "exit"), { ms: crashMs, what });
    }
    this.#child = undefined;
  }

  /** Starts again, on the same port or another; replays what the write-ahead log holds. */
  async restart(port = this.#port): Promise<void> {
    await this.crash();
    this.#port = port;
    const started = (): Promise<boolean> => this.#startOnPort();
    if (!(await waitUntil(started, { ms: samePortMs, everyMs: 50 }))) throw this.#portInUse();
  }

  /** False: the port is in use. */
  async #startOnPort(signal?: AbortSignal): Promise<boolean> {
    const before = (await this.#readLog()).length;
    const child = await this.#folder.spawn({
      file: `${this.#binaries.native}/bin/postgres`,
      args: ["-D", this.#folder.file("data"), "-p", String(this.#port)],
      log,
      user: this.#binaries.user.ids,
    });
    this.#child = child;
    const settled = async (): Promise<boolean> => !isRunning(child) || (await this.#isReady(child));
    const inTime = await waitUntil(settled, { ms: readyMs, everyMs: 5, ...(signal && { signal }) });
    stopIfAborted(signal);
    if (inTime && isRunning(child)) return true;
    const said = (await this.#readLog()).slice(before);
    if (inTime && /could not bind IPv4 address.*Address already in use/.test(said)) return false;
    const what = inTime ? "PostgreSQL did not start" : "PostgreSQL was not ready in time";
    throw await serverFailure(this.#folder, log, what);
  }

  /** The last line of postmaster.pid is the state; `pg_ctl` waits for the same words. A standby can only be read. */
  async #isReady(child: ChildProcess): Promise<boolean> {
    const file = this.#folder.file("data/postmaster.pid");
    const lines = (await readFile(file, "utf8").catch(() => "")).split("\n");
    return lines[0] === String(child.pid) && /^(ready|standby)\s*$/.test(lines[7] ?? "");
  }

  async #readLog(): Promise<string> {
    return await readFile(this.#folder.file(log), "utf8").catch(() => "");
  }

  #portInUse(): HarnessError {
    return new HarnessError({
      kind: "environment",
      what: "PostgreSQL found its port in use",
      where: `127.0.0.1:${this.#port}`,
      hint: "another program opens ports as fast as we choose them; try again",
    });
  }
}
