import type { LoadContext } from "../load.ts";

/**
 * All bots wait at a barrier, connected, and claim at the same moment: the sharpest race there is. Each wave has new
 * jobs, and every bot claims once (a conflict is tried again, as any client would) and carries out what it got.
 */
export async function rounds(
  spec: { readonly kind: "rounds"; readonly waves: number },
  { crew, record, enqueue, signal }: Pick<LoadContext, "crew" | "record" | "enqueue" | "signal">,
): Promise<void> {
  for (let wave = 1; wave <= spec.waves && !signal.aborted; wave++) {
    await enqueue();
    await crew.getReady(signal);
    if (signal.aborted) return;
    record({ op: "wave", type: "info", detail: { wave, event: "begin" } });
    await crew.claimOnce(signal);
    record({ op: "wave", type: "info", detail: { wave, event: "end" } });
  }
}
