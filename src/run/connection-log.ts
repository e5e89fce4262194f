import type { Record } from "../bots/bot.ts";
import type { ConnectionDetail } from "../history/event.ts";

/** The bots' connections as they come and go: recorded, and the lost ones counted for the faults that cut them. */
export class ConnectionLog {
  readonly #record: Record;
  #lost = 0;

  constructor(record: Record) {
    this.#record = record;
  }

  /** Lost so far in this round. */
  get lost(): number {
    return this.#lost;
  }

  /** `bot` is null for a connection of a shared pool. */
  note(bot: number | null, event: ConnectionDetail["event"], code?: string): void {
    if (event === "lost") this.#lost++;
    const who = bot === null ? {} : { bot };
    this.#record({ op: "connection", type: "info", ...who, code, detail: { event } });
  }
}
