import type { Bot } from "./bot.ts";
import { takeTurns } from "./load/closed-loop.ts";
import type { ClosedLoop } from "./load/closed-loop.ts";
import type { Rest, Wake } from "./wake.ts";
import { Polling } from "./wake/polling.ts";

/** Conflicts of one bot in one wave before it stands back; a strategy that never gets past them is not live. */
const mostConflicts = 200;

/** All bots of a round together, wherever they live. What a call does ends early when its signal aborts. */
export interface Crew {
  /** Bots that can act just now: not those whose process is dead or stopped. */
  readonly size: number;
  /** The bots of this process, for loads that drive each by itself; none where they live in other processes. */
  readonly local: readonly Bot[];
  /** Resolves to the number of bots that could not connect; whoever should wake them counts as one. */
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
  readonly #wake: Wake;
  readonly #resting: readonly { readonly bot: Bot; readonly rest: Rest }[];

  /** `wake` absent: bots that found nothing ask again. It is its maker's to close. */
  constructor(bots: readonly Bot[], wake: Wake = new Polling()) {
    this.local = bots;
    this.#wake = wake;
    this.#resting = bots.map((bot) => ({ bot, rest: wake.rest() }));
  }

  get size(): number {
    return this.local.length;
  }

  async connect(signal: AbortSignal): Promise<number> {
    const connecting = this.local.map((bot) => bot.connect(signal));
    const connected = await Promise.all([this.#wake.listen(signal), ...connecting]);
    return connected.filter((isOpen) => !isOpen).length;
  }

  async takeTurns(loop: ClosedLoop): Promise<void> {
    // Bots that came in place of others were not told to connect. Who asked before he listens might miss a call.
    await this.#wake.listen(loop.signal);
    await Promise.all(this.#resting.map((each) => takeTurns(each, loop)));
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
