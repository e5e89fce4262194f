import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { z } from "zod";
import { HarnessError } from "../../base/harness-error.ts";
import { withDeadline } from "../../base/timer.ts";
import type { EnqueueDetail, InspectDetail, RescuedClaim } from "../../history/event.ts";
import { rangesOf } from "../../history/job-set.ts";
import type { Claim } from "../../service/claim-run.ts";
import type { DeadLetter, Held, Settled, Settlement, Work } from "../../service/lifecycle.ts";
import type { Failure, Outcome } from "../../service/outcome.ts";
import type { Claimed, ClaimWish, Target, TargetCapability } from "../target.ts";

/** What a module is opened with. */
export interface ModuleContext {
  /** The run's own database, through the link that faults aim at: the module may keep its queue there. */
  readonly databaseUrl: string;
  /** The same past every fault, for set-up. */
  readonly controlUrl: string;
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
  /** Called before each round: forget all jobs. */
  reset?(): Promise<void>;
  close?(): Promise<void>;
}

const claimSchema = z.object({
  job: z.int().min(0),
  attempt: z.int().min(0).optional(),
  handle: z.unknown().optional(),
});
const needed = ["enqueue", "claim", "complete"] as const;
const optional = ["heartbeat", "fail", "resume", "rescue"] as const;

export interface ModuleTargetOptions {
  readonly file: string;
  readonly context: ModuleContext;
  /** A call that does not come back for so long is given up, and its outcome is unknown. */
  readonly timeoutMs: number;
}

/** A queue in a module of the user's, in this process. */
export class ModuleTarget implements Target {
  readonly name = "module";
  readonly capabilities: ReadonlySet<TargetCapability>;
  readonly #queue: QueueModule;
  readonly #options: ModuleTargetOptions;
  readonly #claims = new Map<string, ModuleClaim>();
  #calls = 0;

  private constructor(queue: QueueModule, options: ModuleTargetOptions) {
    this.#queue = queue;
    this.#options = options;
    this.capabilities = new Set(optional.filter((name) => typeof queue[name] === "function"));
  }

  /** HarnessError (usage) where the module cannot be loaded, or lacks what a queue needs. */
  static async open(options: ModuleTargetOptions): Promise<ModuleTarget> {
    return new ModuleTarget(await openModule(options), options);
  }

  async connect(): Promise<Failure | null> {
    return null;
  }

  async reset(): Promise<void> {
    await this.#queue.reset?.();
  }

  async enqueue(count: number): Promise<EnqueueDetail> {
    const ids = await this.#queue.enqueue(count);
    const parsed = z.array(z.int().min(0)).length(count).safeParse(ids);
    if (!parsed.success)
      throw this.#misfit("enqueue", `is to resolve to ${count} ids, whole numbers`);
    return { jobs: rangesOf(parsed.data.toSorted((a, b) => a - b)) };
  }

  async claim(
    bot: number,
    wish: ClaimWish = { limit: 1, types: null },
  ): Promise<Outcome<readonly Claim[]>> {
    return await this.#called(
      () => this.#queue.claim(bot, wish),
      (granted) => this.#claimsOf(granted, "claim"),
    );
  }

  async start(bot: number, claim: Claim): Promise<Outcome<Work>> {
    const work = { a: claim.job, b: 0 };
    if (this.#queue.start === undefined) return { kind: "ok", value: work };
    return await this.#fenced(() => this.#queue.start?.(bot, this.#known(claim)), work);
  }

  async heartbeat({ bot, claim }: Claimed): Promise<Outcome<null>> {
    return await this.#fenced(() => this.#queue.heartbeat?.(bot, this.#known(claim)), null);
  }

  async settle({ bot, claim }: Claimed, settlement: Settlement): Promise<Outcome<Settled>> {
    const known = this.#known(claim);
    if (settlement.kind === "complete") {
      return await this.#fenced(() => this.#queue.complete(bot, known, settlement.result), null);
    }
    const settled: Settled = { status: "pending" };
    return await this.#fenced(() => this.#queue.fail?.(bot, known, settlement.error), settled);
  }

  async resume(bot: number): Promise<Outcome<readonly Held[]>> {
    return await this.#called(
      async () => (await this.#queue.resume?.(bot)) ?? [],
      (held) =>
        this.#claimsOf(held, "resume").map(({ job, attempt }) => ({
          job,
          attempt: attempt ?? 0,
          a: job,
          b: 0,
          status: "claimed" as const,
        })),
    );
  }

  async rescue(): Promise<Outcome<readonly RescuedClaim[]>> {
    return await this.#called(
      async () => (await this.#queue.rescue?.()) ?? [],
      (rescued) =>
        this.#claimsOf(rescued, "rescue").map(({ job, attempt }) =>
          attempt === null ? { job } : { job, attempt },
        ),
    );
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    throw new Error("nobody knows where the dead letters of a module are");
  }

  async redrive(): Promise<Outcome<readonly number[]>> {
    throw new Error("nobody knows how to redrive the jobs of a module");
  }

  async hasMoreToCome(): Promise<boolean> {
    return false;
  }

  async inspect(): Promise<InspectDetail> {
    throw new Error("nobody can look into a module");
  }

  /** A call is one statement and one round trip, whatever the module makes of it. */
  cost(): { readonly statements: number; readonly roundTrips: number } {
    return { statements: this.#calls, roundTrips: this.#calls };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close?.();
  }

  /** A call about a claim that the bot believes to hold: false means refused. */
  async #fenced<T>(call: () => Promise<boolean> | undefined, value: T): Promise<Outcome<T>> {
    const accepted = await this.#called(
      async () => (await call()) === true,
      (isAccepted) => (isAccepted ? [value] : []),
    );
    return accepted.kind === "ok" ? { kind: "ok", value: accepted.value[0] as T } : accepted;
  }

  /** An empty list is the outcome `empty`. */
  async #called<A, T>(
    call: () => Promise<A>,
    read: (answer: A) => readonly T[],
  ): Promise<Outcome<readonly T[]>> {
    this.#calls++;
    let answer: A;
    try {
      const deadline = { ms: this.#options.timeoutMs, what: "the module's call" };
      answer = await withDeadline(call(), deadline);
    } catch (error) {
      return failureOf(error);
    }
    const value = read(answer);
    return value.length === 0 ? { kind: "empty" } : { kind: "ok", value };
  }

  /** Of null none, of one claim a list of it. */
  #claimsOf(granted: unknown, call: string): readonly Claim[] {
    return [granted ?? []].flat().map((each) => {
      const parsed = claimSchema.safeParse(each);
      if (!parsed.success)
        throw this.#misfit(call, "is to resolve to { job, attempt? }, whole numbers");
      const claim = { job: parsed.data.job, attempt: parsed.data.attempt ?? null };
      this.#claims.set(keyOf(claim), each as ModuleClaim);
      return claim;
    });
  }

  #known(claim: Claim): ModuleClaim {
    const { job, attempt } = claim;
    return this.#claims.get(keyOf(claim)) ?? { job, ...(attempt === null ? {} : { attempt }) };
  }

  #misfit(call: string, what: string): HarnessError {
    return new HarnessError({ kind: "usage", what: `${call} ${what}`, where: this.#options.file });
  }
}

async function openModule({ file, context }: ModuleTargetOptions): Promise<QueueModule> {
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
    throw misfit(`the module cannot be opened: ${(error as Error).message}`, error);
  }
  const lacking = needed.filter((name) => typeof queue[name] !== "function");
  if (lacking.length > 0) throw misfit(`it has no ${lacking.join(", ")}`);
  return queue;
}

/** What is thrown may have happened; a module that knows better says so on the error. */
function failureOf(error: unknown): Failure {
  const { code, outcome, retryable, message } = error as Partial<Failure & { outcome: string }>;
  return {
    kind: outcome === "failed" ? "failed" : "unknown",
    code: code ?? "THROWN",
    retryable: outcome === "failed" && retryable === true,
    message: message ?? String(error),
  };
}

function keyOf({ job, attempt }: Claim): string {
  return `${job} ${attempt ?? ""}`;
}
