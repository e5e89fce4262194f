import type { Bot } from "./bot.ts";
import { takeTurns } from "./load/closed-loop.ts";
import type { ClosedLoop } from "./load/closed-loop.ts";

/** Conflicts of one bot in one wave before it stands back; a strategy that never gets past them is not live. */
const mostConflicts = 200;

/** All bots of a round together, wherever they live. What a call does ends early when its signal aborts. */
export interface Crew {
  /** Bots that can act just now: not those whose process is dead or stopped. */
  readonly size: number;
  /** The bots of this process, for loads that drive each by itself; none where they live in other processes. */
  readonly local: readonly Bot[];
  /** Resolves to the number of bots that could not connect. */
  connect(signal: AbortSignal): Promise<number>;
  /** Every bot claims again and again until `signal` aborts. */
  takeTurns(loop: ClosedLoop): Promise<void>;
  /** Brings every bot to the barrier: connected, and holding nothing. */
  getReady(signal: AbortSignal): Promise<void>;
  /** Every bot claims at the same moment, a lost race again, and carries out what it got. */
  claimOnce(signal: AbortSignal): Promise<void>;
}

/** The bots of this process. */
export class LocalCrew implements Crew {
  readonly local: readonly Bot[];

  constructor(bots: readonly Bot[]) {
    this.local = bots;
  }

  get size(): number {
    return this.local.length;
  }

  async connect(signal: AbortSignal): Promise<number> {
    const connected = await Promise.all(this.local.map((bot) => bot.connect(signal)));
    return connected.filter((isOpen) => !isOpen).length;
  }

  async takeTurns(loop: ClosedLoop): Promise<void> {
    await Promise.all(this.local.map((bot) => takeTurns(bot, loop)));
  }

  async getReady(signal: AbortSignal): Promise<void> {
    await Promise.all(this.local.map((bot) => getReady(bot, signal)));
  }

  async claimOnce(signal: AbortSignal): Promise<void> {
    await Promise.all(this.local.map((bot) => claimOnce(bot, signal)));
  }
}

async function getReady(bot: Bot, signal: AbortSignal): Promise<void> {
  await bot.finish(signal);
  await bot.connect(signal);
}

async function claimOnce(bot: Bot, signal: AbortSignal): Promise<void> {
  for (let conflicts = 0; conflicts < mostConflicts && !signal.aborted; conflicts++) {
    if ((await bot.claim()) !== "conflict") break;
  }
  await bot.finish(signal);
}
