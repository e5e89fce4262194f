import type { Strategy } from "../service/strategy.ts";
import type { Exploration } from "./explore-strategy.ts";
import { notBySteps } from "./not-by-steps.ts";

/** Whether an exploration bears out what a strategy says of itself. */
export type AsDeclared =
  | { readonly kind: "borne out" }
  /** `what`: one sentence. */
  | { readonly kind: "contradicted" | "not shown"; readonly what: string };

/**
 * A strategy that says it is safe is contradicted by any schedule that breaks it. One that says it is unsafe has to be
 * broken, in a property that it names, except where it is known that no order of whole statements does it.
 */
export function asDeclared(
  { verdict, reason, properties, guarantees }: Exploration,
  { name, verdict: declared, breaks }: Pick<Strategy, "name" | "verdict" | "breaks">,
): AsDeclared {
  if (declared === "safe") {
    if (verdict === "passed") return { kind: "borne out" };
    const what = `it says that it is safe: ${reason}`;
    return { kind: verdict === "violated" ? "contradicted" : "not shown", what };
  }
  const broken = properties.filter(({ brokenIn }) => brokenIn > 0).map(({ property }) => property);
  if (broken.some((property) => breaks.includes(property))) return { kind: "borne out" };
  const wanted = `it says that it breaks ${breaks.join(", ")}`;
  if (broken.length > 0) {
    return { kind: "contradicted", what: `${wanted}, and it breaks ${broken.join(", ")}` };
  }
  const isWhole = guarantees.some(({ kind }) => kind === "every-interleaving");
  if (verdict === "passed" && notBySteps.has(name)) return { kind: "borne out" };
  const what = `${wanted}, and no schedule does: ${reason}`;
  return { kind: verdict === "passed" && isWhole ? "contradicted" : "not shown", what };
}
