import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Pool } from "pg";
import { HarnessError } from "../../base/harness-error.ts";
import type { ClaimWish } from "../target.ts";

/** What a module gets of a pool of `pg`. */
export type QueuePool = Pick<Pool, "connect" | "query" | "end" | "on" | "once" | "off">;

/** What a module is opened with. */
export interface ModuleContext {
  /** The run's own database, through the link that faults aim at: the module may keep its queue there. */
  readonly databaseUrl: string;
  /** The same past every fault, for set-up. */
  readonly controlUrl: string;
  /** The schema that connections to both find first, and that is the module's alone. */
  readonly schema: string;
  /** Connections to `databaseUrl`, as those of `pg`. Where every order is explored, each bot has one, with a door before it. */
  readonly pool: QueuePool;
  readonly bots: number;
  readonly leaseMs: number;
  readonly seed: number;
}

/** One job as a module grants it. */
export interface ModuleClaim {
  readonly job: number;
  /** 1, 2, 3 …; absent where the queue does not tell it. */
  readonly attempt?: number | undefined;
  /** Handed back with every later call about this claim. */
  readonly handle?: unknown;
}

/**
 * A queue that lives in code: what the default export of a module resolves to. A call that throws may have happened
 * (its outcome is unknown), unless the error says `outcome: "failed"`; `retryable: true` on it says that a race was lost.
 */
export interface QueueModule {
  /** Adds jobs; resolves to their ids, whole numbers. */
  enqueue(count: number): Promise<readonly number[]>;
  /** Null, or an empty list: there is no job. */
  claim(bot: number, wish: ClaimWish): Promise<ModuleClaim | readonly ModuleClaim[] | null>;
  /** False: refused, the claim is not the bot's any more. */
  complete(bot: number, claim: ModuleClaim, result: number): Promise<boolean>;
  start?(bot: number, claim: ModuleClaim): Promise<boolean>;
  heartbeat?(bot: number, claim: ModuleClaim): Promise<boolean>;
  fail?(bot: number, claim: ModuleClaim, error: string): Promise<boolean>;
  /** All that the bot holds, for a bot that lost an answer. */
  resume?(bot: number): Promise<readonly ModuleClaim[]>;
  /** Takes claims whose lease has run out from their holders. */
  rescue?(): Promise<readonly ModuleClaim[]>;
  /** Makes every lease run out now: how crashes are explored where leases bring jobs back, since nobody waits there. */
  expire?(): Promise<void>;
  /** Called before each round: forget all jobs. */
  reset?(): Promise<void>;
  close?(): Promise<void>;
}

const needed = ["enqueue", "claim", "complete"] as const;

/** HarnessError (usage) where the module cannot be loaded, or lacks what a queue needs. */
export async function openModule(file: string, context: ModuleContext): Promise<QueueModule> {
  const misfit = (what: string, cause?: unknown): HarnessError =>
    new HarnessError({
      kind: "usage",
      what,
      where: file,
      hint: "its default export is a function that resolves to { enqueue, claim, complete, … }",
      cause,
    });
  let queue: QueueModule;
  try {
    const loaded = (await import(pathToFileURL(resolve(file)).href)) as {
      readonly default?: (context: ModuleContext) => Promise<QueueModule>;
    };
    if (typeof loaded.default !== "function") throw misfit("it has no default export to open");
    queue = await loaded.default(context);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw misfit(`the module cannot be opened: ${why}`, error);
  }
  if (typeof queue !== "object" || queue === null) throw misfit("it opens to nothing");
  const lacking = needed.filter((name) => typeof queue[name] !== "function");
  if (lacking.length > 0) throw misfit(`it has no ${lacking.join(", ")}`);
  return queue;
}
