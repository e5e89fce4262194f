import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

/** Whose process the server is. */
export interface ServerUser {
  readonly name: string;
  /** Absent: our own. */
  readonly ids?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Users the server can run as, best first. PostgreSQL refuses to run as root, so root borrows a user that is there
 * already; none is created on anybody's machine.
 */
export function serverUsers(): readonly ServerUser[] {
  if (process.getuid?.() !== 0) return [{ name: ownName() }];
  const passwd = readFileSync("/etc/passwd", "utf8");
  return ["postgres", "nobody"].flatMap((name) => findUser(passwd, name) ?? []);
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return `user ${process.getuid?.()}`;
  }
}

/** A line of passwd(5): `name:password:uid:gid:…`. macOS writes nobody's ids as -2, which the kernel holds unsigned. */
function findUser(passwd: string, name: string): ServerUser | undefined {
  const line = passwd.split("\n").find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined || Number(uid) === 0) return undefined;
  return { name, ids: { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 } };
}
