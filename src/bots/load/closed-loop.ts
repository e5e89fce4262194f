import { sleep } from "../../base/timer.ts";
import type { Bot } from "../bot.ts";

const firstPauseMs = 1;
const longestPauseMs = 40;

export interface ClosedLoop {
  readonly signal: AbortSignal;
  /** The bot of this number asked, and found nothing; it goes on when this resolves. */
  readonly onEmpty?: (bot: number) => Promise<void>;
  /** It had something to do, or may have. */
  readonly onWork?: (bot: number) => void;
  readonly drawThinkMs?: (() => number) | undefined;
}

/**
 * A bot that claims again as soon as it is done, and has thought. Where it finds nothing it asks again after a pause that
 * doubles up to a bound.
 */
export async function takeTurns(bot: Bot, loop: ClosedLoop): Promise<void> {
  const { signal, drawThinkMs } = loop;
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    const turn = await bot.takeTurn(signal);
    if (signal.aborted) return;
    if (turn === "empty") {
      await loop.onEmpty?.(bot.id);
      await sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      continue;
    }
    loop.onWork?.(bot.id);
    pauseMs = firstPauseMs;
    if (turn === "worked" && drawThinkMs !== undefined) await sleep(drawThinkMs(), signal);
  }
}
