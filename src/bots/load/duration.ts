import { Span } from "../../base/span.ts";
import { sleep } from "../../base/timer.ts";
import type { LoadContext } from "../load.ts";

/**
 * Closed loop over a fixed window. A bot that is in the middle of a job when it ends stops where it is, and finishes in
 * the drain.
 */
export async function duration(
  spec: { readonly kind: "duration"; readonly forMs: number },
  { crew, signal: outer, drawThinkMs }: Pick<LoadContext, "crew" | "signal" | "drawThinkMs">,
): Promise<void> {
  using window = new Span({ outer });
  const { signal } = window;
  const turns = crew.takeTurns({ signal, drawThinkMs });
  // Whatever the turns die of ends the window too, and is thrown below.
  turns.catch(() => window.end());
  await sleep(spec.forMs, signal);
  window.end();
  await turns;
}
