import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "./file-error.ts";
import { currentOwner } from "./owner.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** What our folders in the temporary folder are called: their purpose, then random letters. */
export const folderName = /^doubletake-(postgres|toxiproxy|pgbouncer|host)-\w+$/;
/** The file that says whose folder it is. */
export const ownerFile = "owner.json";
/** The file with the number of the folder's process, whose command line names the folder. */
export const childFile = "child.pid";

export type FolderPurpose = "postgres" | "toxiproxy" | "pgbouncer" | "host";

/** A temporary folder that says it is ours, so that a later start finds it when we are gone. HarnessError (environment). */
export async function makeOwnedFolder(purpose: FolderPurpose): Promise<string> {
  const prefix = join(temporaryFolder(), `doubletake-${purpose}-`);
  let path: string | undefined;
  try {
    path = await mkdtemp(prefix);
    // A server that runs as another user has to pass through, not to look around.
    await chmod(path, 0o711);
    await writeFile(join(path, ownerFile), JSON.stringify(currentOwner()));
    return path;
  } catch (error) {
    if (path !== undefined) await rm(path, { recursive: true, force: true });
    throw fileError(error, prefix);
  }
}
