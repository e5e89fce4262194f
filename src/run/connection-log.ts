import type { Record } from "../bots/bot.ts";
import type { NewEvent } from "../history/event-table.ts";
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
    const who = bot === null ? {} : { bot };
    this.record({ op: "connection", type: "info", ...who, code, detail: { event } });
  }

  /** An event of this operation. */
  readonly record: Record = (event) => {
    this.observe(event);
    this.#record(event);
  };

  /** Counts what another process has recorded. */
  observe({ detail }: Pick<NewEvent, "detail">): void {
    if ((detail as ConnectionDetail | undefined)?.event === "lost") this.#lost++;
  }
}
