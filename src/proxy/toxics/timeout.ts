import { Alarm } from "../../base/alarm.ts";
import { integer } from "../attributes.ts";
import type { Chunk, Site, Stage } from "../stage.ts";
import type { StageToxicType } from "../toxic-type.ts";

/**
 * Drops all data of its direction, and closes the connection when none has come for `timeout` ms; 0: never. As in
 * Toxiproxy every chunk starts the time anew; `limit_time` is the one that does not. Removing it closes the connections
 * it affected, because their streams have a hole.
 */
export const timeout: StageToxicType = {
  kind: "stage",
  name: "timeout",
  attributes: [integer("timeout")],
  removalCuts: true,
  start: (site) => new TimeoutStage(site),
};

class TimeoutStage implements Stage {
  readonly #site: Site;
  readonly #alarm: Alarm;

  constructor(site: Site) {
    this.#site = site;
    this.#alarm = new Alarm(() => this.#expire());
    this.update();
  }

  take(_chunk: Chunk): void {
    this.#site.hit();
    this.update();
  }

  end(): void {
    this.#alarm.cancel();
    this.#site.end();
  }

  update(): void {
    this.#alarm.cancel();
    const timeoutMs = this.#site.setting("timeout");
    if (timeoutMs > 0) this.#alarm.set(timeoutMs);
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
