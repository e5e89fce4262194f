import { Span } from "../../base/span.ts";
import { sleep } from "../../base/timer.ts";
import type { Bot } from "../bot.ts";
import type { LoadContext } from "../load.ts";

const firstPauseMs = 1;
const longestPauseMs = 40;

/** Every bot takes one job after the other until the last answer of every bot was empty. */
export async function drain(
  _spec: { readonly kind: "drain" },
  context: Pick<LoadContext, "bots" | "signal">,
): Promise<void> {
  using span = new Span({ outer: context.signal });
  const { signal } = span;
  const idle = new Set<number>();
  const onEmpty = (bot: Bot): void => {
    idle.add(bot.id);
    if (idle.size === context.bots.length) span.end();
  };
  const onWork = (bot: Bot): void => void idle.delete(bot.id);
  await Promise.all(context.bots.map((bot) => takeTurns(bot, { signal, onEmpty, onWork })));
}

interface Turns {
  readonly signal: AbortSignal;
  readonly onEmpty: (bot: Bot) => void;
  readonly onWork: (bot: Bot) => void;
}

/** A bot that found nothing stays until all have: another's claim may yet be rolled back, and leave it a job. */
async function takeTurns(bot: Bot, { signal, onEmpty, onWork }: Turns): Promise<void> {
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    const turn = await bot.takeTurn(signal);
    if (signal.aborted) return;
    if (turn === "empty") {
      onEmpty(bot);
      await sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    } else {
      onWork(bot);
      pauseMs = firstPauseMs;
    }
  }
}
