import type { EnqueueDetail, InspectDetail, RescuedClaim } from "../history/event.ts";
import type { Claim } from "../service/claim-run.ts";
import type { DeadLetter, Held, Settled, Settlement, Work } from "../service/lifecycle.ts";
import type { Failure, Outcome } from "../service/outcome.ts";

/**
 * The system under test, as the bots see it. An operation never throws for what the database, the network or the
 * service does: that is its outcome. It throws only when doubletake itself is wrong.
 *
 * One target serves one round: it is opened on fresh tables and closed when the round is verified.
 */
export interface Target extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: ReadonlySet<TargetCapability>;
  /** Makes the bot ready to operate; null, or why it cannot. Targets without connections are always ready. */
  connect(bot: number): Promise<Failure | null>;
  /** Acknowledged jobs: none of them may be lost. */
  enqueue(count: number): Promise<EnqueueDetail>;
  /** One attempt. `ok` names at least one job. */
  claim(bot: number, wish?: ClaimWish): Promise<Outcome<readonly Claim[]>>;
  /** `empty`: the job is not the bot's any more. */
  start(bot: number, claim: Claim): Promise<Outcome<Work>>;
  /** Makes the claim last longer. `empty`: refused, the job is not the bot's any more. */
  heartbeat(claimed: Claimed): Promise<Outcome<null>>;
  /** `empty`: refused, the job is not the bot's any more. */
  settle(claimed: Claimed, settlement: Settlement): Promise<Outcome<Settled>>;
  /** All that the bot holds, for a bot that lost an answer. `empty`: nothing. */
  resume(bot: number): Promise<Outcome<readonly Held[]>>;
  /** Takes claims whose lease has run out from their holders. `empty`: there was none. */
  rescue(): Promise<Outcome<readonly RescuedClaim[]>>;
  /** Throws where the target cannot be asked, like the next two. */
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** Makes dead jobs pending again, all of them where none are named. `empty`: there was none. */
  redrive(jobs?: readonly number[]): Promise<Outcome<readonly number[]>>;
  /** Whether a job will become free by itself: a retry whose time has not come, a claim whose lease will be rescued. */
  hasMoreToCome(): Promise<boolean>;
  /** Throws where the target lacks the capability of that name. */
  inspect(question: Question): Promise<InspectDetail>;
  /** Statements that the bots have sent so far. */
  cost(): { readonly statements: number; readonly roundTrips: number };
}

/** What a bot asks for; absent: one job, of any type. */
export interface ClaimWish {
  /** At most so many jobs. */
  readonly limit: number;
  /** Types of job that the bot takes; null: all. */
  readonly types: readonly string[] | null;
}

export interface Claimed {
  readonly bot: number;
  readonly claim: Claim;
}

export type Question = InspectDetail["what"];

/** What a target can do beside claim and settle. A check whose question cannot be asked is not judged. */
export type TargetCapability =
  | Question
  | "heartbeat"
  | "rescue"
  /** To tell a bot what it holds after an answer was lost. */
  | "resume"
  /** To take a claim back as failed. */
  | "fail"
  /** To look at dead jobs, redrive them, and tell whether more is to come. */
  | "dead-letters";
