import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.ts";

export interface CommandResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  /** Resolves when stderr has shown `text`; rejects if the command ends before. */
  shows(text: string): Promise<void>;
}

/** A folder that holds all a command writes: its reports and, as TMPDIR, what it starts. */
export class Workplace implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "doubletake-test-"));
  readonly reports = join(this.path, "reports");
  readonly temporary = mkdtempSync(join(this.path, "tmp-"));

  constructor() {
    // PostgreSQL may run as another user, who has to enter these.
    for (const folder of [this.path, this.temporary]) chmodSync(folder, 0o755);
  }

  /** Runs `doubletake` with these arguments, compiled, as a user would. */
  start(...args: readonly string[]): RunningCommand {
    const child = spawn(process.execPath, [join(packageRoot, "dist/main.js"), ...args], {
      cwd: packageRoot,
      env: { ...process.env, TMPDIR: this.temporary, DOUBLETAKE_OUT: this.reports, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return follow(child);
  }

  run(...args: readonly string[]): Promise<CommandResult> {
    return this.start(...args).ended;
  }

  /** Data folders and the like that a run made and did not remove. */
  leftovers(): readonly string[] {
    return readdirSync(this.temporary);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function follow(child: ChildProcess): RunningCommand {
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode, signal) => resolve({ exitCode, signal, ...output }));
  });
  const shows = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.stderr.includes(text)) resolve();
      };
      look();
      child.stderr?.on("data", look);
      child.on("close", () => reject(new Error(`ended without "${text}":\n${output.stderr}`)));
    });
  return { child, ended, shows };
}
