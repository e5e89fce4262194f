import { z } from "zod";
import { HarnessError } from "../../base/harness-error.ts";
import { withDeadline } from "../../base/timer.ts";
import type { EnqueueDetail, InspectDetail, RescuedClaim } from "../../history/event.ts";
import { rangesOf } from "../../history/job-set.ts";
import type { Claim } from "../../service/claim-run.ts";
import type { DeadLetter, Held, Settled, Settlement, Work } from "../../service/lifecycle.ts";
import type { Failure, Outcome } from "../../service/outcome.ts";
import type { Claimed, ClaimWish, Target, TargetCapability } from "../target.ts";
import { openModule } from "./queue-module.ts";
import type { ModuleClaim, ModuleContext, QueueModule } from "./queue-module.ts";

const claimSchema = z.object({
  job: z.int().min(0),
  attempt: z.int().min(0).optional(),
  handle: z.unknown().optional(),
});
const optional = ["heartbeat", "fail", "resume", "rescue"] as const;

export interface ModuleTargetOptions {
  readonly file: string;
  readonly context: ModuleContext;
  /** A call that does not come back for so long is given up, and its outcome is unknown. */
  readonly timeoutMs: number;
  /** The same for calls that are no bot's: to open, to add jobs and the like. Absent: five minutes. */
  readonly setUpMs?: number | undefined;
  /** Around every call of a bot, by its name; absent: nothing is. */
  readonly around?: Around | undefined;
}

export type Around = <T>(name: string, call: () => Promise<T>) => Promise<T>;

const usualSetUpMs = 300_000;

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
    const { file, context, setUpMs = usualSetUpMs } = options;
    const deadline = { ms: setUpMs, what: `opening ${file}` };
    return new ModuleTarget(await withDeadline(openModule(file, context), deadline), options);
  }

  async connect(): Promise<Failure | null> {
    return null;
  }

  async reset(): Promise<void> {
    await this.#own("reset", async () => await this.#queue.reset?.());
  }

  async enqueue(count: number): Promise<EnqueueDetail> {
    const ids = await this.#own("enqueue", () => this.#queue.enqueue(count));
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
      "claim",
      () => this.#queue.claim(bot, wish),
      (granted) => this.#claimsOf(granted, "claim"),
    );
  }

  async start(bot: number, claim: Claim): Promise<Outcome<Work>> {
    const work = { a: claim.job, b: 0 };
    if (this.#queue.start === undefined) return { kind: "ok", value: work };
    return await this.#fenced("start", () => this.#queue.start?.(bot, this.#known(claim)), work);
  }

  async heartbeat({ bot, claim }: Claimed): Promise<Outcome<null>> {
    const known = this.#known(claim);
    return await this.#fenced("heartbeat", () => this.#queue.heartbeat?.(bot, known), null);
  }

  async settle({ bot, claim }: Claimed, settlement: Settlement): Promise<Outcome<Settled>> {
    const known = this.#known(claim);
    if (settlement.kind === "complete") {
      const { result } = settlement;
      return await this.#fenced("complete", () => this.#queue.complete(bot, known, result), null);
    }
    const settled: Settled = { status: "pending" };
    const { error } = settlement;
    return await this.#fenced("fail", () => this.#queue.fail?.(bot, known, error), settled);
  }

  async resume(bot: number): Promise<Outcome<readonly Held[]>> {
    return await this.#called(
      "resume",
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
      "rescue",
      async () => (await this.#queue.rescue?.()) ?? [],
      (rescued) =>
        this.#claimsOf(rescued, "rescue").map(({ job, attempt }) =>
          attempt === null ? { job } : { job, attempt },
        ),
    );
  }

  /** Whether it knows how to make its leases run out. */
  get canExpire(): boolean {
    return this.#queue.expire !== undefined;
  }

  /** Every lease has run out, where the module has any and knows how. */
  async expire(): Promise<void> {
    await this.#own("expire", async () => await this.#queue.expire?.());
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
    await this.#own("close", async () => await this.#queue.close?.());
  }

  /** A call that is no bot's: that it fails is nobody's outcome. */
  async #own<T>(name: string, call: () => Promise<T>): Promise<T> {
    const { setUpMs = usualSetUpMs } = this.#options;
    try {
      return await withDeadline(call(), { ms: setUpMs, what: `the module's ${name}` });
    } catch (cause) {
      if (cause instanceof HarnessError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      const where = this.#options.file;
      throw new HarnessError({ kind: "usage", what: `its ${name} failed: ${why}`, where, cause });
    }
  }

  /** A call about a claim that the bot believes to hold: false means refused. */
  async #fenced<T>(
    name: string,
    call: () => Promise<boolean> | undefined,
    value: T,
  ): Promise<Outcome<T>> {
    const accepted = await this.#called(
      name,
      async () => (await call()) === true,
      (isAccepted) => (isAccepted ? [value] : []),
    );
    return accepted.kind === "ok" ? { kind: "ok", value: accepted.value[0] as T } : accepted;
  }

  /** An empty list is the outcome `empty`. */
  async #called<A, T>(
    name: string,
    call: () => Promise<A>,
    read: (answer: A) => readonly T[],
  ): Promise<Outcome<readonly T[]>> {
    this.#calls++;
    let answer: A;
    try {
      const { timeoutMs, around } = this.#options;
      const deadline = { ms: timeoutMs, what: `the module's ${name}` };
      answer = await withDeadline(around === undefined ? call() : around(name, call), deadline);
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
