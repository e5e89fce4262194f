import type { Point, Scheduler } from "../schedule.ts";

/** A place in the tree of all schedules that was met: what every bot was about to send there, and what came after. */
interface Place {
  readonly asked: Map<number, string>;
  readonly next: Map<string, Place>;
}

/**
 * Remembers what the module's code did in each place, and notices where it does something else in a place where
 * everybody has been told the same: by chance, by the time, or by what it remembers of schedules before.
 */
export class Memory {
  readonly #root: Place = newPlace();
  readonly #strayed = new Map<string, string>();

  /** One of each kind, in words. */
  get strayed(): readonly string[] {
    return [...this.#strayed.values()];
  }

  watch(scheduler: Scheduler): Scheduler {
    let place: Place | undefined = this.#root;
    return {
      listens: scheduler.listens === true,
      pick: (point) => {
        if (place !== undefined) this.#compare(place, point);
        return scheduler.pick(point);
      },
      took: (happened) => {
        place = place && nextOf(place, `${happened.bot} ${happened.observation}`);
        scheduler.took(happened);
      },
      crashAt: (bot, ordinal) => {
        const crash = scheduler.crashAt?.(bot, ordinal);
        // By what error a client notices that its connection is gone is chance, and its code may go by that.
        if (crash !== undefined) place = undefined;
        return crash;
      },
    };
  }

  #compare({ asked }: Place, { enabled }: Point): void {
    for (const { bot, step } of enabled) {
      const { text, values = [] } = step.statement;
      // Text may be a time or drawn by chance, as a token is, and means the same each time.
      const wants = JSON.stringify([text, values.filter((value) => typeof value !== "string")]);
      const before = asked.get(bot);
      if (before === undefined) asked.set(bot, wants);
      else if (before !== wants) {
        this.#strayed.set(
          step.name,
          `bot ${bot} asked for ${wants} where it had asked for ${before}`,
        );
      }
    }
  }
}

function nextOf({ next }: Place, key: string): Place {
  const known = next.get(key);
  if (known !== undefined) return known;
  const made = newPlace();
  next.set(key, made);
  return made;
}

function newPlace(): Place {
  return { asked: new Map(), next: new Map() };
}
