import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";

/**
 * Where our folders are made: the system's temporary folder, absolute, because guard and server work elsewhere. Root's
 * own may be closed to everybody else (PAM gives each user one), and root's PostgreSQL runs as another user: then it is
 * the first of the usual folders that everybody may enter.
 */
export function temporaryFolder(): string {
  const own = resolve(tmpdir());
  if (process.getuid?.() !== 0) return own;
  return [own, "/tmp", "/var/tmp"].find(everybodyMayEnter) ?? own;
}

const searchByOthers = 0o001;

function everybodyMayEnter(folder: string): boolean {
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & searchByOthers) === 0) return false;
  return folder === dirname(folder) || everybodyMayEnter(dirname(folder));
}
