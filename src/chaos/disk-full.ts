import { open, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { z } from "zod";
import { join } from "node:path";
import { isCrashable } from "../environment/postgres/embedded.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext } from "./fault.ts";

/** "could not extend file: No space left on device". */
const diskFull = "53100";
/** First large pieces, then the size of a page, so that not one more page has room. */
const pieces = [1024 * 1024, 8192];

/**
 * The disk of the data folder is full. A table that needs another page refuses the statement; where the write-ahead log needs
 * another file the whole server stops, and does not come back before there is room. It is a small disk of the run's
 * own: no other program is hurt.
 */
export const diskFullFault = faultKind({
  summary: "fills the disk of the server's data folder, and frees it again",
  moment: "span",
  reach: "server",
  needs: ["small-disk"],
  injectMs: 30_000,
  settings: z.object({}),
  create(_settings, context) {
    const filler = join(diskOf(context) ?? "", "filler");
    let before = { refused: 0, lost: 0 };
    const hurt = (): typeof before => ({
      refused: context.told.withCode(diskFull) - before.refused,
      lost: context.connectionsLost() - before.lost,
    });
    return {
      async inject() {
        before = { refused: 0, lost: 0 };
        before = hurt();
        await fill(filler);
        return { outcome: "applied" };
      },
      async witnessed() {
        const { refused, lost } = hurt();
        if (refused + lost === 0) return [];
        return [
          { aim: `${refused} statements refused with ${diskFull}, ${lost} connections lost` },
        ];
      },
      async heal() {
        const { server } = context;
        if (diskOf(context) === undefined) return;
        await rm(filler, { force: true });
        if (isCrashable(server) && !server.isRunning) await server.restart();
      },
    };
  },
});

/** Undefined where the server has none, and the scenario is skipped. */
function diskOf({ server }: FaultContext): string | undefined {
  return isCrashable(server) ? server.smallDisk : undefined;
}

async function fill(path: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    for (const bytes of pieces) await writeUntilFull(file, Buffer.alloc(bytes));
  } finally {
    await file.close();
  }
}

/** Ends where the operating system says that there is no room. */
async function writeUntilFull(file: FileHandle, piece: Buffer): Promise<void> {
  try {
    for (;;) await file.write(piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
