import type { Random } from "../base/random.ts";
import type { Cut } from "./cut.ts";
import type { Chunk, Outlet, Site, Stage } from "./stage.ts";
import type { Toxic } from "./toxic.ts";
import type { StageToxicType } from "./toxic-type.ts";

/** What a slot needs of the connection it is in. */
export interface SlotHost {
  random(toxic: Toxic): Random;
  hit(toxic: Toxic): void;
  cut(cut: Cut): void;
}

const ordinaryCapacityBytes = 64 * 1024;

/** The place of one toxic in the chain of one link: it owns the stage, and knows what comes next. */
export class ToxicSlot implements Site {
  readonly toxic: Toxic;
  readonly #host: SlotHost;
  readonly #stage: Stage;
  #next: Outlet;
  #random: Random | undefined;
  #hit = false;
  #endTaken = false;
  #endPassed = false;

  constructor(toxic: Toxic, type: StageToxicType, place: { host: SlotHost; next: Outlet }) {
    this.toxic = toxic;
    this.#host = place.host;
    this.#next = place.next;
    this.#stage = type.start(this);
  }

  get heldBytes(): number {
    return this.#stage.heldBytes ?? 0;
  }

  get capacityBytes(): number {
    return this.#stage.capacityBytes ?? ordinaryCapacityBytes;
  }

  /** Made when it is first drawn from: most toxics never do, and there may be thousands of connections. */
  get random(): Random {
    this.#random ??= this.#host.random(this.toxic);
    return this.#random;
  }

  set next(outlet: Outlet) {
    this.#next = outlet;
  }

  /** From the stage before. After the stage has ended the link, what still comes is dropped. */
  readonly inlet: Outlet = {
    pass: (chunk) => {
      if (!this.#endPassed && !this.#endTaken) this.#stage.take(chunk);
    },
    end: () => {
      if (this.#endTaken || this.#endPassed) return;
      this.#endTaken = true;
      this.#stage.end();
    },
  };

  pass(chunk: Chunk): void {
    if (!this.#endPassed && chunk.data.length > 0) this.#next.pass(chunk);
  }

  end(): void {
    if (this.#endPassed) return;
    this.#endPassed = true;
    this.#next.end();
  }

  setting(attribute: string): number {
    return Number(this.toxic.attributes[attribute]);
  }

  hit(): void {
    if (this.#hit) return;
    this.#hit = true;
    this.#host.hit(this.toxic);
  }

  cut(cut: Cut): void {
    this.#host.cut({ ...cut, reason: `toxic ${this.toxic.name}` });
  }

  update(): void {
    if (!this.#endPassed) this.#stage.update?.();
  }

  /** What was held goes on, and the end after it when it was held back too. */
  remove(): void {
    this.#stage.remove?.();
    if (this.#endTaken) this.end();
  }

  stop(): void {
    this.#stage.stop?.();
  }
}
