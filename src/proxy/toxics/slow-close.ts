import { Alarm } from "../../base/alarm.ts";
import { integer } from "../attributes.ts";
import type { Chunk, Site, Stage } from "../stage.ts";
import type { StageToxicType } from "../toxic-type.ts";

/** Data passes untouched; the end of the stream is passed on `delay` ms late. */
export const slowClose: StageToxicType = {
  kind: "stage",
  name: "slow_close",
  attributes: [integer("delay")],
  start: (site) => new SlowCloseStage(site),
};

class SlowCloseStage implements Stage {
  readonly #site: Site;
  readonly #alarm: Alarm;
  #ended = false;

  constructor(site: Site) {
    this.#site = site;
    this.#alarm = new Alarm(() => site.end());
  }

  take(chunk: Chunk): void {
    this.#site.pass(chunk);
  }

  end(): void {
    this.#ended = true;
    this.#site.hit();
    this.#alarm.set(this.#site.setting("delay"));
  }

  update(): void {
    if (this.#ended) this.#alarm.set(this.#site.setting("delay"));
  }

  remove(): void {
    this.#alarm.cancel();
  }

  stop(): void {
    this.#alarm.cancel();
  }
}
