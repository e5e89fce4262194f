import { z } from "zod";
import { hinted } from "./problem.ts";
import type { FaultCondition } from "./scenario.ts";

/** More claims than any run grants is a typing mistake. */
const mostClaims = 10_000_000;

const claimsPattern = /^(\d{1,8}) claims?$/;

/** "100 claims" → 100. */
export const grantedClaims = z
  .string({ error: hinted("expected a number of claims", "write for example after: 100 claims") })
  .regex(claimsPattern, {
    error: ({ input }) =>
      hinted(`"${input}" is not a number of claims`, "write for example after: 100 claims"),
  })
  .transform((text) => Number(claimsPattern.exec(text)?.[1]))
  .refine((claims) => claims >= 1 && claims <= mostClaims, "must be 1 to 10000000 claims")
  .meta({ description: "A number of granted claims: 100 claims" });

const inFlightPattern = /^(\d{1,4}) claims? in flight$/;
const howToWrite = "write mid-transaction, waiting-for-lock, idle, or 5 claims in flight";

/** "mid-transaction", "waiting-for-lock", "idle", "5 claims in flight". */
export const faultCondition = z
  .string({ error: hinted("expected a condition", howToWrite) })
  .regex(/^(mid-transaction|waiting-for-lock|idle|[1-9]\d{0,3} claims? in flight)$/, {
    error: ({ input }) => hinted(`"${input}" is not a condition`, howToWrite),
  })
  .transform((text): FaultCondition => {
    const claims = inFlightPattern.exec(text)?.[1];
    if (claims !== undefined) return { kind: "claims-in-flight", claims: Number(claims) };
    return { kind: text as "mid-transaction" | "waiting-for-lock" | "idle" };
  })
  .meta({ description: "What must hold before a fault is injected: mid-transaction" });

/** A condition as it is written. */
export function conditionText(condition: FaultCondition): string {
  if (condition.kind !== "claims-in-flight") return condition.kind;
  return `${condition.claims} claim${condition.claims === 1 ? "" : "s"} in flight`;
}
