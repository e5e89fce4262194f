import { isConflictCode } from "../checks/error-codes.ts";
import type { NewEvent } from "../history/event-table.ts";

/** What the load came to so far, counted from the events as they are recorded. */
export class LoadTally {
  readonly #codes = new Map<string, number>();
  readonly #idle = new Set<number>();
  #granted = 0;
  #inFlight = 0;
  #answered = 0;
  #errors = 0;

  /** Claims that bots were told of. */
  get granted(): number {
    return this.#granted;
  }

  /** Claims that have been asked for and not been answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Bots whose last question was a claim that found nothing. */
  get idle(): number {
    return this.#idle.size;
  }

  /** Operations of bots that failed, or whose outcome is unknown, for another reason than a lost race. */
  get errors(): number {
    return this.#errors;
  }

  /** Operations of bots that have ended. */
  get answered(): number {
    return this.#answered;
  }

  /** How often an operation or a connection of a bot ended with this SQLSTATE or network error. */
  withCode(code: string): number {
    return this.#codes.get(code) ?? 0;
  }

  observe(event: Omit<NewEvent, "t">): void {
    const { op, type, bot, code } = event;
    if (code !== undefined) this.#codes.set(code, this.withCode(code) + 1);
    if (bot === undefined || type === "info") return;
    if (op === "claim" && type === "empty") this.#idle.add(bot);
    else this.#idle.delete(bot);
    if (op === "claim") this.#inFlight += type === "invoke" ? 1 : -1;
    if (op === "claim" && type === "ok") this.#granted++;
    if (type === "invoke") return;
    this.#answered++;
    const isBad = type === "failed" || type === "unknown";
    if (isBad && !isConflictCode(code ?? "")) this.#errors++;
  }
}
