import { sleep } from "../../base/timer.ts";
import type { Bot } from "../bot.ts";
import type { Rest } from "../wake.ts";

export interface ClosedLoop {
  readonly signal: AbortSignal;
  /** The bot of this number asked, and found nothing; it goes on when this resolves. */
  readonly onEmpty?: (bot: number) => Promise<void>;
  /** It had something to do, or may have. */
  readonly onWork?: (bot: number) => void;
  readonly drawThinkMs?: (() => number) | undefined;
}

/** A bot that claims again as soon as it is done, and has thought. Where it finds nothing it rests before it asks again. */
export async function takeTurns(
  { bot, rest }: { readonly bot: Bot; readonly rest: Rest },
  loop: ClosedLoop,
): Promise<void> {
  const { signal, drawThinkMs } = loop;
  if (rest.isWaiting) await loop.onEmpty?.(bot.id);
  while (!signal.aborted) {
    const isWoken = rest.isWaiting;
    await rest.over(signal);
    if (signal.aborted) return;
    if (isWoken) loop.onWork?.(bot.id);
    rest.ask();
    const turn = await bot.takeTurn(signal);
    if (turn === "empty") rest.foundNothing();
    if (signal.aborted) return;
    if (turn === "empty") {
      await loop.onEmpty?.(bot.id);
      continue;
    }
    loop.onWork?.(bot.id);
    rest.foundWork();
    if (turn === "worked" && drawThinkMs !== undefined) await sleep(drawThinkMs(), signal);
  }
}
