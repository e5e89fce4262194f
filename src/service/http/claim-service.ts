import type { EnqueueDetail, RescuedClaim } from "../../history/event.ts";
import type { Claim } from "../claim-run.ts";
import type { DeadLetter, Held, Settled, Settlement, Work } from "../lifecycle.ts";
import type { Outcome } from "../outcome.ts";
import type { JobDeck } from "../tables.ts";

/** What the HTTP front asks of a claim service. */
export interface ClaimService {
  enqueue(count: number, deck?: JobDeck): Promise<EnqueueDetail>;
  claim(
    bot: number,
    wish: { readonly limit: number; readonly types: readonly string[] | null },
  ): Promise<Outcome<readonly Claim[]>>;
  start(bot: number, claim: Claim): Promise<Outcome<Work>>;
  heartbeat(claimed: BotClaim): Promise<Outcome<null>>;
  settle(claimed: BotClaim, settlement: Settlement): Promise<Outcome<Settled>>;
  resume(bot: number): Promise<Outcome<readonly Held[]>>;
  rescue(): Promise<Outcome<readonly RescuedClaim[]>>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  redrive(jobs?: readonly number[]): Promise<Outcome<readonly number[]>>;
}

export interface BotClaim {
  readonly bot: number;
  readonly claim: Claim;
}
