import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";

/**
 * Who made something, told so that a later process can say whether it still lives. A process number alone does not: it
 * is given again, and means nothing on another machine, after a reboot or in another container.
 */
export const ownerSchema = z.object({
  pid: z.number().int().positive(),
  /** When the process started, in whatever form the system tells it; only compared. */
  startedAt: z.string(),
  host: z.string(),
  boot: z.string(),
  /** The process namespace: containers of one machine number their processes each on its own. */
  namespace: z.string(),
});
export type Owner = z.output<typeof ownerSchema>;

/** This process. */
export function currentOwner(): Owner {
  return { pid: process.pid, startedAt: processStart(process.pid) ?? "", ...place() };
}

/** `unknown`: it ran where we cannot look, so it must be left alone. */
export function ownerState(owner: Owner): "alive" | "dead" | "unknown" {
  const here = place();
  if (owner.host !== here.host) return "unknown";
  if (owner.boot !== here.boot) return "dead";
  if (owner.namespace !== here.namespace) return "unknown";
  return processStart(owner.pid) === owner.startedAt ? "alive" : "dead";
}

/**
 * The owner in the letters that a name on somebody else's server may have, for things left there that no file of ours
 * tells about.
 */
export function ownerTag({ pid, startedAt, host, boot, namespace }: Owner): string {
  return `${digest(host, namespace)}.${pid}.${digest(boot, startedAt)}`;
}

/** Whether a tag was made on this machine by a process that is no more. */
export function isTagOfDead(tag: string): boolean {
  const [, pid] = tag.split(".");
  const here = place();
  const now = { ...here, pid: Number(pid), startedAt: processStart(Number(pid)) ?? "" };
  const [madeAt] = ownerTag(now).split(".");
  return tag.startsWith(`${madeAt}.`) && tag !== ownerTag(now);
}

function digest(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 8);
}

function place(): Pick<Owner, "host" | "boot" | "namespace"> {
  if (process.platform !== "linux") return { host: hostname(), boot: "", namespace: "" };
  return {
    host: hostname(),
    boot: orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    namespace: orEmpty(() => readlinkSync("/proc/self/ns/pid")),
  };
}

/** A sandbox may hide parts of /proc; what it hides tells nothing apart. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

/** Undefined: there is no such process. */
function processStart(pid: number): string | undefined {
  try {
    return process.platform === "linux" ? startFromProc(pid) : startFromPs(pid);
  } catch {
    return undefined;
  }
}

/**
 * Field 22 of proc(5) stat: clock ticks from boot to the start. The second field, the command in parentheses, may hold
 * spaces and parentheses itself, so fields are counted from the last one.
 */
function startFromProc(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const isZombie = fields[0] === "Z";
  return isZombie ? undefined : fields[19];
}

function startFromPs(pid: number): string {
  return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
}
