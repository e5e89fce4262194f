import type { Evidence } from "../checks/check.ts";
import { collectEvidence } from "../checks/evidence.ts";
import type { EventTable } from "../history/event-table.ts";
import type { LookDetail } from "../history/event.ts";
import type { HistoryHeader } from "../history/header.ts";
import { looksOfScenario } from "../plan/looks.ts";
import type { Plan } from "../plan/plan.ts";
import { compareStrategies } from "./comparisons.ts";
import type { Compared } from "./comparisons.ts";
import { discardedRounds, withoutRounds } from "./discarded-rounds.ts";
import { measureRound } from "./measure/round.ts";
import { lookAt } from "./sequential.ts";

/**
 * What the run so far decides, if this is one of its looks: null between two of them, and where the number of rounds is
 * fixed. By the same rules as the comparisons of its result: rounds in which the machine moved are left out.
 */
export function look(
  header: HistoryHeader,
  events: EventTable,
  repeats: number,
): LookDetail | null {
  const { scenario } = header.plan;
  const looks = looksOfScenario(scenario);
  if (looks === undefined || !looks.after.includes(repeats)) return null;
  const compared = collectEvidence(header, events).map((evidence) =>
    measured(evidence, header.plan),
  );
  const comparisons = compareStrategies(
    withoutRounds(compared, discardedRounds(compared)),
    looks.confidence,
  );
  return lookAt(comparisons, { repeats, most: scenario.repeat });
}

function measured({ strategy: name, role, rounds }: Evidence, plan: Plan): Compared {
  return { name, role, rounds: rounds.flatMap((round) => measureRound(round, plan) ?? []) };
}
