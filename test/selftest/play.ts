import { collectEvidence } from "../../src/checks/evidence.ts";
import { judgeStrategy } from "../../src/checks/judge.ts";
import type { StrategyJudgement } from "../../src/checks/judge.ts";
import { seededRandom } from "../../src/base/random.ts";
import type { Operation, RetryRule } from "../../src/history/event.ts";
import { Lifecycle } from "../../src/service/lifecycle.ts";
import type { Claim } from "../../src/service/claim-run.ts";
import type { Outcome } from "../../src/service/outcome.ts";
import type { Strategy } from "../../src/service/strategy.ts";
import { freshTables, registerBots } from "../../src/service/tables.ts";
import { ReferenceTarget } from "../../src/targets/reference/reference-target.ts";
import type { Question } from "../../src/targets/target.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import type { TestDatabase } from "../setup/database.ts";

export interface PlayOptions {
  readonly database: TestDatabase;
  readonly strategy: Strategy;
  readonly lifecycle: Lifecycle;
  readonly jobs: number;
  /** How long a job waits that failed for the first time; absent: it does not. */
  readonly retryMs?: number;
}

/** What two or three bots do, one thing after the other: where the order is written down no race has to happen. */
export type Script = (play: Play) => Promise<void>;

const bots = 3;
const leaseMs = 60_000;
/** `sql/lifecycle/enqueue.sql` gives job n the numbers n and 7 n, as long as there are few. */
const sumPerJob = 8;

/** Plays a script on real tables, finishes what it left, and judges the round by every check. */
export async function perform(options: PlayOptions, script: Script): Promise<StrategyJudgement> {
  await using play = new Play(options);
  await play.begin();
  await script(play);
  await play.finish();
  return play.judge();
}

export class Play implements AsyncDisposable {
  readonly #options: PlayOptions;
  readonly #target: ReferenceTarget;
  readonly #history: HistoryBuilder;

  constructor(options: PlayOptions) {
    const { database, strategy, lifecycle, jobs, retryMs } = options;
    const retry = retryMs === undefined ? {} : { retry: ruleOf(retryMs) };
    this.#options = options;
    this.#history = new HistoryBuilder({
      strategy: strategy.name,
      constraints: false,
      bots,
      jobs,
      leases: { leaseMs, ...retry },
    });
    this.#target = new ReferenceTarget({
      ...database,
      strategy,
      lifecycle,
      bots,
      connections: "per-bot",
      statementMs: 5_000,
      leaseMs,
      ...(retryMs === undefined
        ? {}
        : { retry: { ...ruleOf(retryMs), redriveAttempts: 1, random: seededRandom(0) } }),
      onConnection: () => undefined,
    });
  }

  async begin(): Promise<void> {
    const { database, strategy, lifecycle, jobs } = this.#options;
    await freshTables(database.control, { constraints: false, strategy });
    await registerBots(database.control, lifecycle, bots);
    this.#history.begin();
    const enqueued = await this.#target.enqueue(jobs);
    const [[first, last]] = enqueued.jobs as [[number, number]];
    this.#history.enqueue(last - first + 1, first);
  }

  /** Undefined: there was none for it. */
  async claim(bot: number): Promise<Claim | undefined> {
    this.#history.invoke(bot, "claim");
    const outcome = await this.#target.claim(bot);
    const [claim] = outcome.kind === "ok" ? outcome.value : [];
    this.#answer(bot, "claim", outcome, claim);
    return claim;
  }

  /** A claim of one that must get it. */
  async granted(bot: number): Promise<Claim> {
    const claim = await this.claim(bot);
    if (claim === undefined) throw new Error(`bot ${bot} was granted nothing`);
    return claim;
  }

  async start(bot: number, claim: Claim): Promise<boolean> {
    return await this.#does(bot, "start", claim, () => this.#target.start(bot, claim));
  }

  async complete(bot: number, claim: Claim): Promise<boolean> {
    return await this.#does(bot, "complete", claim, () =>
      this.#target.settle({ bot, claim }, { kind: "complete", result: this.#sum(claim) }),
    );
  }

  /** The settle reaches the database, its answer does not reach the bot. */
  async completeUnheard(bot: number, claim: Claim): Promise<void> {
    this.#history.invoke(bot, "complete", named(claim));
    await this.#target.settle({ bot, claim }, { kind: "complete", result: this.#sum(claim) });
    this.#history.answer(bot, "complete", "unknown", { ...named(claim), code: "ECONNRESET" });
  }

  async fail(bot: number, claim: Claim): Promise<boolean> {
    this.#history.invoke(bot, "fail", named(claim));
    const settlement = { kind: "fail", error: "as the play says" } as const;
    const outcome = await this.#target.settle({ bot, claim }, settlement);
    const detail = outcome.kind === "ok" ? (outcome.value ?? undefined) : undefined;
    this.#history.answer(bot, "fail", outcome.kind, {
      ...named(claim),
      code: codeOf(outcome),
      detail,
    });
    return outcome.kind === "ok";
  }

  /** A claim that never reached the database, and the question that follows it. */
  async resumeAfterLostClaim(bot: number): Promise<void> {
    this.#history.does(bot, "claim", "unknown", { code: "ECONNRESET" });
    this.#history.invoke(bot, "resume");
    const outcome = await this.#target.resume(bot);
    this.#answer(bot, "resume", outcome, outcome.kind === "ok" ? outcome.value[0] : undefined);
  }

  /** The job's lease is over: the harness takes it from whoever holds it. */
  async rescue(job: number): Promise<void> {
    await this.expire(job);
    const { control } = this.#options.database;
    await control.query("UPDATE bots SET current_job_id = NULL WHERE current_job_id = $1", [job]);
    await control.query(
      `UPDATE jobs SET status = 'pending', claimed_by = NULL, claimed_at = NULL, lease_until = NULL,
                       version = version + 1 WHERE id = $1`,
      [job],
    );
    this.#history.rescued(job);
  }

  /** The job's lease runs out while its bot is not looking: nobody waits for that, the clocks are put forward. */
  async expire(job: number): Promise<void> {
    await this.#options.database.control.query(
      "UPDATE jobs SET lease_until = clock_timestamp() - interval '1 millisecond' WHERE id = $1",
      [job],
    );
    this.#history.at(this.#history.nowMs + leaseMs);
  }

  /** So much time goes by for jobs that wait: nobody waits for that, the clocks are put forward. */
  async pass(ms: number): Promise<void> {
    await this.#options.database.control.query(
      "UPDATE jobs SET run_at = run_at - $1 * interval '1 millisecond'",
      [ms],
    );
    this.#history.at(this.#history.nowMs + ms);
  }

  /** Bot 3 does what is left, and the tables are looked at. */
  async finish(): Promise<void> {
    const { jobs } = this.#options;
    for (let turn = 0; turn < 2 * jobs; turn++) {
      const claim = await this.claim(3);
      if (claim === undefined) break;
      if (await this.start(3, claim)) await this.complete(3, claim);
    }
    const questions: readonly Question[] = ["locks", "agreement", "verification", "final"];
    for (const question of questions) this.#history.inspect(await this.#target.inspect(question));
    this.#history.end();
  }

  judge(): StrategyJudgement {
    const [evidence] = collectEvidence(this.#history.header(), this.#history.events);
    if (evidence === undefined) throw new Error("the play has no strategy");
    return judgeStrategy(evidence);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#target[Symbol.asyncDispose]();
  }

  async #does<T>(
    bot: number,
    op: Operation,
    claim: Claim,
    operate: () => Promise<Outcome<T>>,
  ): Promise<boolean> {
    this.#history.invoke(bot, op, named(claim));
    const outcome = await operate();
    this.#answer(bot, op, outcome, claim);
    return outcome.kind === "ok";
  }

  #answer(bot: number, op: Operation, outcome: Outcome<unknown>, claim: Claim | undefined): void {
    const names = claim === undefined ? {} : named(claim);
    this.#history.answer(bot, op, outcome.kind, { ...names, code: codeOf(outcome) });
  }

  #sum({ job }: Claim): number {
    return sumPerJob * job;
  }
}

function named({ job, attempt }: Claim): { job: number; attempt: number | undefined } {
  return { job, attempt: attempt ?? undefined };
}

function codeOf(outcome: Outcome<unknown>): string | undefined {
  return "code" in outcome ? outcome.code : undefined;
}

/** Twice as long each time, up to a bound that no play reaches, and nothing left to chance. */
function ruleOf(retryMs: number): RetryRule {
  return { baseMs: retryMs, capMs: 100 * retryMs, jitter: 0 };
}
