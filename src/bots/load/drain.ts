import { Span } from "../../base/span.ts";
import { sleep } from "../../base/timer.ts";
import type { Bot } from "../bot.ts";
import type { LoadContext } from "../load.ts";

const firstPauseMs = 1;
const longestPauseMs = 40;

/** Every bot takes one job after the other until the last answer of every bot was empty, and no job is to come. */
export async function drain(
  _spec: { readonly kind: "drain" },
  context: Pick<LoadContext, "bots" | "signal" | "hasMoreToCome">,
): Promise<void> {
  using span = new Span({ outer: context.signal });
  const { signal } = span;
  const idle = new Set<number>();
  const { hasMoreToCome = async () => false } = context;
  let isAllThere = context.hasMoreToCome === undefined;
  const onEmpty = async (bot: Bot): Promise<void> => {
    idle.add(bot.id);
    if (idle.size < context.bots.length) return;
    if (isAllThere) return span.end();
    isAllThere = !(await hasMoreToCome());
    // A job may have become free since a bot last looked: only what the bots find from now on counts.
    idle.clear();
  };
  const onWork = (bot: Bot): void => {
    idle.delete(bot.id);
    isAllThere = context.hasMoreToCome === undefined;
  };
  await Promise.all(context.bots.map((bot) => takeTurns(bot, { signal, onEmpty, onWork })));
}

interface Turns {
  readonly signal: AbortSignal;
  readonly onEmpty: (bot: Bot) => Promise<void>;
  readonly onWork: (bot: Bot) => void;
}

/** A bot that found nothing stays until all have: another's claim may yet be rolled back, and leave it a job. */
async function takeTurns(bot: Bot, { signal, onEmpty, onWork }: Turns): Promise<void> {
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    const turn = await bot.takeTurn(signal);
    if (signal.aborted) return;
    if (turn === "empty") {
      await onEmpty(bot);
      await sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    } else {
      onWork(bot);
      pauseMs = firstPauseMs;
    }
  }
}
