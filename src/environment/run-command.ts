import { execFile } from "node:child_process";

export interface CommandRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly ms: number;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly cwd?: string;
}

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** What the command complained about, or why it could not be run. */
  readonly complaint: string;
}

/** Runs a short command to its end, at most `ms`. Never throws: a command that cannot be run is an answer too. */
export function runCommand({ file, args, ms, user, cwd }: CommandRequest): Promise<CommandResult> {
  const options = { timeout: ms, cwd: cwd ?? "/", env: { ...process.env, LC_ALL: "C" }, ...user };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      const complaint = stderr.trim() === "" ? (error?.message ?? "") : stderr.trim();
      resolve({ ok: error === null, stdout: stdout.trim(), complaint });
    });
  });
}
