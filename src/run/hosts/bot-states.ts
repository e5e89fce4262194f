import type { AtStake } from "../../bots/bot-hosts.ts";
import type { ClaimDetail } from "../../history/event.ts";
import type { Observation } from "../../history/recorder.ts";

/** What bots are at, by what they have recorded: for faults, which must know whether they hurt anybody. */
export class BotStates {
  readonly #held = new Map<number, Set<number>>();
  readonly #operating = new Set<number>();

  atStake(): AtStake {
    const holding = [...this.#held.values()].filter(({ size }) => size > 0).length;
    return { holding, operating: this.#operating.size };
  }

  observe(event: Observation): void {
    const { bot, type } = event;
    if (bot === undefined || type === "info") return;
    if (type === "invoke") {
      this.#operating.add(bot);
      return;
    }
    this.#operating.delete(bot);
    this.#follow(bot, event);
  }

  #follow(bot: number, { op, type, job, detail }: Observation): void {
    const held = this.#held.get(bot) ?? new Set();
    this.#held.set(bot, held);
    // What it holds after that is what it is told, and nothing else.
    if (op === "resume" && (type === "ok" || type === "empty")) held.clear();
    if (type === "ok" && (op === "claim" || op === "resume")) {
      if (job !== undefined) held.add(job);
      for (const more of (detail as ClaimDetail | undefined)?.more ?? []) held.add(more.job);
      return;
    }
    const isGivenUp = type === "empty" || (type === "ok" && (op === "complete" || op === "fail"));
    if (isGivenUp && job !== undefined) held.delete(job);
  }
}
