import { Span } from "../../base/span.ts";
import { sleep } from "../../base/timer.ts";
import type { LoadContext } from "../load.ts";

type DrainContext = Pick<
  LoadContext,
  "crew" | "signal" | "drawThinkMs" | "isProducing" | "hasMoreToCome" | "isFinished"
>;

/** Between two looks at whether bots that wait to be told have anything to wait for. */
const lookEveryMs = 10;

/**
 * Every bot takes one job after the other until the last answer of every bot was empty, no job is to come, and nobody adds
 * any more. A bot that found nothing stays until all have: another's claim may yet be rolled back, and leave it a job.
 */
export async function drain(
  _spec: { readonly kind: "drain" },
  context: DrainContext,
): Promise<void> {
  const { isFinished } = context;
  if (isFinished === undefined) await untilAllFindNothing(context);
  else await untilNothingIsLeft({ ...context, isFinished });
}

async function untilAllFindNothing(context: DrainContext): Promise<void> {
  using span = new Span({ outer: context.signal });
  const { signal } = span;
  const { crew, drawThinkMs, isProducing } = context;
  const idle = new Set<number>();
  const { hasMoreToCome = async () => false } = context;
  let isAllThere = context.hasMoreToCome === undefined;
  const onEmpty = async (bot: number): Promise<void> => {
    // While jobs are added, that a bot found nothing says nothing about later.
    if (isProducing?.() === true) return idle.clear();
    idle.add(bot);
    if (idle.size < crew.size) return;
    if (isAllThere) return span.end();
    isAllThere = !(await hasMoreToCome());
    // A job may have become free since a bot last looked: only what the bots find from now on counts.
    idle.clear();
  };
  // What a bot has done may have freed a job for others: one of the same key. Who found nothing before may have it by now.
  const onWork = (): void => {
    idle.clear();
    isAllThere = context.hasMoreToCome === undefined;
  };
  await crew.takeTurns({ signal, onEmpty, onWork, drawThinkMs });
}

/**
 * Bots that wait to be told do not ask again to let us know that they would find nothing. So it is over when all wait and no
 * job is left; while jobs are left, and be it that nobody ever comes for them, it is not.
 */
async function untilNothingIsLeft(
  context: DrainContext & Required<Pick<LoadContext, "isFinished">>,
): Promise<void> {
  using span = new Span({ outer: context.signal });
  const { signal } = span;
  const { crew, drawThinkMs, isProducing, isFinished } = context;
  const idle = new Set<number>();
  const onEmpty = async (bot: number): Promise<void> => void idle.add(bot);
  const onWork = (bot: number): void => void idle.delete(bot);
  const turns = crew.takeTurns({ signal, onEmpty, onWork, drawThinkMs });
  // Whatever the turns die of ends the wait too, and is thrown below.
  turns.catch(() => span.end());
  const isQuiet = (): boolean => isProducing?.() !== true && idle.size >= crew.size;
  while (!signal.aborted) {
    await sleep(lookEveryMs, signal);
    // Asked again after the answer: a bot may have been woken meanwhile.
    if (isQuiet() && (await isFinished?.()) === true && isQuiet()) span.end();
  }
  await turns;
}
