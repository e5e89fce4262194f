import { readFileSync } from "node:fs";

/**
 * The state letter of a process, as proc(5) has it: "T" stopped by a signal, "Z" dead and not yet collected. Null: there is
 * no such process; undefined: this system has no /proc to ask.
 */
export function processState(pid: number): string | null | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The field before it, the command in parentheses, may hold parentheses itself.
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  } catch {
    return null;
  }
}
