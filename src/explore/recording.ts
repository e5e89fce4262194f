import type { Record as RecordEvent } from "../bots/bot.ts";
import { EventTable } from "../history/event-table.ts";
import type { NewEvent } from "../history/event-table.ts";
import type { JobRange } from "../history/event.ts";

const nsPerStep = 1_000_000;
const nsPerEvent = 1_000;

/** The step, from 1, in which something happened at `t` of a recording's clock. */
export function stepAt(t: number): number {
  return Math.floor(t / nsPerStep);
}

/**
 * What the bots saw in one schedule, as a history. Its clock counts steps: one is a millisecond, so `t=3.001 ms` is in
 * the third step.
 *
 * A bot records that it asks for something when its code gets there, which may be long before the scheduler lets it: it
 * is taken down when its first statement is carried out.
 */
export class Recording {
  readonly events = new EventTable();
  /** When each labelled transaction committed. */
  readonly commits = new Map<string, number>();
  /** What broke a property as it happened, each with the step. */
  readonly broken: { readonly property: string; readonly how: string }[] = [];
  readonly #held = new Map<number, Omit<NewEvent, "t">[]>();
  #step = 0;
  #event = 0;

  constructor(jobs: readonly JobRange[]) {
    this.#push({ op: "enqueue", type: "invoke" });
    this.#push({ op: "enqueue", type: "ok", detail: { jobs } });
  }

  /** For what passes the door of this number: a bot, or who plays along. */
  recorderOf(door: number): RecordEvent {
    return (event) => {
      if (event.type === "invoke") {
        this.#held.set(door, [...(this.#held.get(door) ?? []), event]);
        return;
      }
      this.#release(door);
      this.#push(event);
    };
  }

  /** The next step is carried out, at this door. */
  beginStep(bot: number): void {
    this.#step++;
    this.#event = 0;
    this.#release(bot);
  }

  noteCommit(label: string): void {
    this.commits.set(label, this.#now());
  }

  /** `how`: one sentence. */
  noteBroken(property: string, how: string): void {
    this.broken.push({ property, how: `${how} (step ${this.#step})` });
  }

  #release(bot: number): void {
    const held = this.#held.get(bot) ?? [];
    this.#held.delete(bot);
    for (const event of held) this.#push(event);
  }

  #push(event: Omit<NewEvent, "t">): void {
    this.events.push({ ...event, t: this.#now() });
  }

  #now(): number {
    return this.#step * nsPerStep + ++this.#event * nsPerEvent;
  }
}
