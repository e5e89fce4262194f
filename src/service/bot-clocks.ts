import { wallClock } from "../base/clock.ts";

/** The clock of each bot's machine: right, until somebody puts it forward or back. */
export class BotClocks {
  readonly #offsetMs = new Map<number, number>();
  #wrong = 0;

  /** Claims so far for which a wrong clock was read. */
  get wrong(): number {
    return this.#wrong;
  }

  /** Ahead where positive. */
  set(bot: number, offsetMs: number): void {
    this.#offsetMs.set(bot, offsetMs);
  }

  reset(bot: number): void {
    this.#offsetMs.delete(bot);
  }

  /** What the bot takes for the time as it claims. */
  read(bot: number): Date {
    const now = wallClock();
    const offsetMs = this.#offsetMs.get(bot);
    if (offsetMs === undefined) return now;
    this.#wrong++;
    now.setTime(now.getTime() + offsetMs);
    return now;
  }
}
