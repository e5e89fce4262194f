import pLimit from "p-limit";
import type { Outcome } from "../outcome.ts";
import type { ClaimService } from "./claim-service.ts";

/** A bot has one thing to ask at a time, and a heartbeat; more than this is no bot. */
const mostAtOnce = 64;

/**
 * The service with the operations of each bot one after the other, as they came.
 *
 * ```
 *   bot 3   POST /claims ──────── its connection breaks
 *   bot 3                           GET /bots/3/claims     answered at once: nothing, and the bot claims another job
 *   service      … still claiming job 9 for bot 3 … done   now it holds two, and has one place to write that down
 * ```
 * A bot that lost an answer comes back over another connection, and must not be told what it holds before what it asked
 * for is done.
 */
export function orderedService(service: ClaimService): ClaimService {
  const queues = new Map<number, ReturnType<typeof pLimit>>();
  const inTurn = async <T>(
    bot: number,
    operate: () => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> => {
    const queue = queues.get(bot) ?? pLimit(1);
    if (queue.activeCount + queue.pendingCount >= mostAtOnce) return tooMany(bot);
    queues.set(bot, queue);
    try {
      return await queue(operate);
    } finally {
      if (queue.activeCount + queue.pendingCount === 0) queues.delete(bot);
    }
  };
  return {
    enqueue: (count, deck) => service.enqueue(count, deck),
    claim: (bot, wish) => inTurn(bot, () => service.claim(bot, wish)),
    start: (bot, claim) => inTurn(bot, () => service.start(bot, claim)),
    heartbeat: (claimed) => inTurn(claimed.bot, () => service.heartbeat(claimed)),
    settle: (claimed, settlement) => inTurn(claimed.bot, () => service.settle(claimed, settlement)),
    resume: (bot) => inTurn(bot, () => service.resume(bot)),
    rescue: () => service.rescue(),
    deadLetters: () => service.deadLetters(),
    redrive: (jobs) => service.redrive(jobs),
  };
}

function tooMany(bot: number): Outcome<never> {
  const message = `bot ${bot} waits for ${mostAtOnce} answers already`;
  return { kind: "failed", code: "TOO-MANY-AT-ONCE", retryable: false, message };
}
