import { Alarm } from "../../base/alarm.ts";
import { monotonicMs } from "../../base/clock.ts";
import { count } from "../attributes.ts";
import type { Chunk, Site, Stage } from "../stage.ts";
import type { StageToxicType } from "../toxic-type.ts";

/**
 * Lets data through for `time` ms and then closes the connection, however busy it is. Not in Toxiproxy. The time starts
 * when the toxic meets the connection; changing it counts from the same start.
 */
export const limitTime: StageToxicType = {
  kind: "stage",
  name: "limit_time",
  attributes: [count("time")],
  start: (site) => new LimitTimeStage(site),
};

class LimitTimeStage implements Stage {
  readonly #site: Site;
  readonly #alarm: Alarm;
  readonly #startMs = monotonicMs();

  constructor(site: Site) {
    this.#site = site;
    this.#alarm = new Alarm(() => this.#expire());
    this.update();
  }

  take(chunk: Chunk): void {
    this.#site.pass(chunk);
  }

  end(): void {
    this.#site.end();
  }

  update(): void {
    this.#alarm.setAt(this.#startMs + this.#site.setting("time"));
  }

  remove(): void {
    this.#alarm.cancel();
  }

  stop(): void {
    this.#alarm.cancel();
  }

  #expire(): void {
    this.#site.hit();
    this.#site.end();
  }
}
