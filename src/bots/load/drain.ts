import { Span } from "../../base/span.ts";
import type { LoadContext } from "../load.ts";

/**
 * Every bot takes one job after the other until the last answer of every bot was empty, no job is to come, and nobody adds
 * any more. A bot that found nothing stays until all have: another's claim may yet be rolled back, and leave it a job.
 */
export async function drain(
  _spec: { readonly kind: "drain" },
  context: Pick<LoadContext, "crew" | "signal" | "drawThinkMs" | "isProducing" | "hasMoreToCome">,
): Promise<void> {
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
