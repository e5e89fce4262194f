import { Span } from "../../base/span.ts";
import { sleep } from "../../base/timer.ts";
import type { LoadContext } from "../load.ts";
import { takeTurns } from "./closed-loop.ts";

/**
 * Closed loop over a fixed window. A bot that is in the middle of a job when it ends stops where it is, and finishes in
 * the drain.
 */
export async function duration(
  spec: { readonly kind: "duration"; readonly forMs: number },
  { bots, signal: outer, drawThinkMs }: Pick<LoadContext, "bots" | "signal" | "drawThinkMs">,
): Promise<void> {
  using window = new Span({ outer });
  const { signal } = window;
  const turns = bots.map((bot) => takeTurns(bot, { signal, drawThinkMs }));
  await sleep(spec.forMs, signal);
  window.end();
  await Promise.all(turns);
}
