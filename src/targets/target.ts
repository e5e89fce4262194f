import type { InspectDetail, JobRange } from "../history/event.ts";
import type { Claim } from "../service/claim-run.ts";
import type { Held, Settlement, Work } from "../service/lifecycle.ts";
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
  enqueue(count: number): Promise<readonly JobRange[]>;
  /** One attempt. `ok` names at least one job. */
  claim(bot: number): Promise<Outcome<readonly Claim[]>>;
  /** `empty`: the job is not the bot's any more. */
  start(bot: number, claim: Claim): Promise<Outcome<Work>>;
  /** `empty`: refused, the job is not the bot's any more. */
  settle(claimed: Claimed, settlement: Settlement): Promise<Outcome<null>>;
  /** What the bot holds, for a bot that lost an answer. `empty`: nothing. */
  resume(bot: number): Promise<Outcome<Held>>;
  /** Throws where the target lacks the capability of that name. */
  inspect(question: Question): Promise<InspectDetail>;
  /** Statements that the bots have sent so far. */
  cost(): { readonly statements: number; readonly roundTrips: number };
}

export interface Claimed {
  readonly bot: number;
  readonly claim: Claim;
}

export type Question = InspectDetail["what"];

/** What can be asked of a target; a check whose question cannot be asked is not judged. */
export type TargetCapability = Question;
