import { z } from "zod";
import { hinted } from "./problem.ts";

/** Who stands between bots and server and hands backends out by the transaction. */
export const poolerKinds = ["proxy", "pgbouncer"] as const;
export type PoolerKind = (typeof poolerKinds)[number];

export interface PoolerSpec {
  readonly kind: PoolerKind;
  /** Backends that all bots share. */
  readonly size: number;
}

export const pooler = z
  .strictObject({
    kind: z
      .enum(poolerKinds, {
        error: hinted("not a pooler", "write proxy (the one of the embedded proxy) or pgbouncer"),
      })
      .default("proxy")
      .describe("proxy: the embedded proxy's own; pgbouncer: the program of this machine"),
    size: z.int().min(1).max(200).default(5).describe("Backends that all bots share"),
  })
  .optional()
  .describe("Bots share backends, each for one transaction; absent: every bot has its own");
