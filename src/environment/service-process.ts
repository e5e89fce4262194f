import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { HarnessError } from "../base/harness-error.ts";
import { waitUntil, withDeadline } from "../base/timer.ts";
import { freePort } from "./free-port.ts";

export interface ServiceCommand {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Added to our own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** A path that answers 2xx once the service takes requests. */
  readonly ready: string;
  readonly startWithinMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a command until its own input ends, which it does when we close the pipe or die, by whatever signal. Then the
 * whole group is asked to end, and made to after 3 s: a service may have started processes of its own.
 */
const wrapper = `
trap '' TERM HUP INT
( trap - TERM HUP INT; exec "$@" </dev/null ) &
while read -r _; do :; done
kill -TERM 0
tick=0
while kill -0 $! 2>/dev/null && [ "$tick" -lt 150 ]; do tick=$((tick + 1)); sleep 0.02; done
kill -KILL 0
`;

const stopMs = 10_000;
/** Of what a service prints, as much as an error message needs. */
const keptOutput = 4_000;

/** A service that somebody else wrote, started for us on a free port of the loopback (`PORT`), ended with us. */
export class ServiceProcess implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly #child: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-keptOutput);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    // The pipe breaks where the wrapper was killed; the exit tells.
    child.stdin?.on("error", () => undefined);
  }

  /** HarnessError (environment) where it does not answer in time; what it printed is in the message. */
  static async start(request: ServiceCommand): Promise<ServiceProcess> {
    const port = await freePort();
    const child = spawn("/bin/sh", ["-c", wrapper, "doubletake-service", ...request.command], {
      env: { ...process.env, ...request.env, PORT: String(port) },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    const service = new ServiceProcess(child, port);
    try {
      await service.#untilReady(request);
      return service;
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#hasEnded) return;
    await withDeadline(once(this.#child, "exit"), { ms: stopMs, what: "the end of the service" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #untilReady({ command, ready, startWithinMs, signal }: ServiceCommand): Promise<void> {
    const bound = { ms: startWithinMs, everyMs: 20, ...(signal === undefined ? {} : { signal }) };
    const address = `http://${this.host}:${this.port}${ready}`;
    if (await waitUntil(() => this.#hasEnded || answers(address), bound)) return;
    throw new HarnessError({
      kind: "environment",
      what: `the service did not answer at ${ready} within ${startWithinMs} ms:\n${this.#output.trim() || "(it printed nothing)"}`,
      where: command.join(" "),
      hint: "it must listen on 127.0.0.1 at the port that PORT names; target.ready names a path that answers 2xx",
    });
  }
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
