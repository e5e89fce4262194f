import type { Happened, Point, Scheduler } from "../schedule.ts";
import type { Crash } from "./crash.ts";

/** Where a crash happens: at the `ordinal`th step of a bot, from 1. */
export interface CrashPoint {
  readonly bot: number;
  readonly ordinal: number;
  readonly crash: Crash;
}

/** One bot after the other. */
export class InTurn implements Scheduler {
  pick({ enabled }: Point): number {
    return enabled[0]?.bot ?? 0;
  }

  took(_happened: Happened): void {
    // Whatever came of it, the next in turn goes on.
  }
}

/** The order of another scheduler, with a crash in it. */
export class WithCrash implements Scheduler {
  readonly #order: Scheduler;
  readonly #point: CrashPoint | undefined;

  constructor(order: Scheduler, point: CrashPoint | undefined) {
    this.#order = order;
    this.#point = point;
  }

  pick(point: Point): number | null {
    return this.#order.pick(point);
  }

  took(happened: Happened): void {
    this.#order.took(happened);
  }

  /** Without a crash: what messages each step takes is found out, so that they can be crashed at. */
  get listens(): boolean {
    return this.#point === undefined;
  }

  crashAt(bot: number, ordinal: number): Crash | undefined {
    const point = this.#point;
    return point?.bot === bot && point.ordinal === ordinal ? point.crash : undefined;
  }
}
