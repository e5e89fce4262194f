import type { RoundEvidence } from "../../checks/check.ts";
import type { InspectDetail } from "../../history/event.ts";
import { notesOf } from "../../history/rounds.ts";

/** Rows in which jobs and bots disagreed, at the worst moment that was looked at. */
export function worstDisagreement(rounds: readonly RoundEvidence[]): number {
  let worst = 0;
  for (const round of rounds) {
    for (const { detail } of notesOf<InspectDetail>(round, "inspect")) {
      if (detail.what === "agreement") worst = Math.max(worst, detail.count);
    }
  }
  return worst;
}
