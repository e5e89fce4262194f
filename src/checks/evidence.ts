import type { EventTable } from "../history/event-table.ts";
import { firstQuestions } from "../history/header.ts";
import type { HistoryHeader } from "../history/header.ts";
import { JobKeys } from "../history/job-keys.ts";
import { JobLogs } from "../history/job-logs.ts";
import { Operations } from "../history/operations.ts";
import { Rescues } from "../history/rescues.ts";
import { roundsOf } from "../history/rounds.ts";
import type { RoundWindow } from "../history/rounds.ts";
import { resolveUnknowns } from "../history/witness-resolution.ts";
import { Transitions } from "../history/witness-transitions.ts";
import type { RoundWitness, Witness } from "../history/witness.ts";
import type { PlannedRound } from "../plan/plan.ts";
import type { Evidence, RoundEvidence } from "./check.ts";

/**
 * What was recorded, by strategy, in the order of the plan. A strategy of which nothing was recorded is there too,
 * without rounds: it was meant to be judged. `witness`: null where the database was not made to tell.
 */
export function collectEvidence(
  header: HistoryHeader,
  events: EventTable,
  witness: Witness | null = null,
): readonly Evidence[] {
  const { plan } = header;
  const windows = windowsOf(header, events);
  const meant = header.foreign ? [] : plan.rounds;
  const roles = new Map([...meant, ...windows].map((round) => [round.strategy, round.role]));
  const witnessed = new Map(witness?.rounds.map((round) => [round.round, round]));
  return [...roles].map(([strategy, role]) => ({
    strategy,
    role,
    plan,
    rounds: windows
      .filter((window) => window.strategy === strategy)
      .map((window) => roundEvidence(window, witnessed.get(window.round))),
    // A service whose tables nobody may look into leaves the same things out as another system does.
    foreign: header.foreign ?? !(header.questions ?? firstQuestions).includes("final"),
    questions: header.questions ?? firstQuestions,
  }));
}

/** A history that tells of no rounds is one round, as other systems write it. */
function windowsOf({ plan, foreign }: HistoryHeader, events: EventTable): readonly RoundWindow[] {
  const windows = roundsOf(events);
  const [planned] = plan.rounds;
  if (windows.length > 0 || planned === undefined || foreign !== true) return windows;
  return [wholeHistory(planned, events)];
}

function wholeHistory(planned: PlannedRound, events: EventTable): RoundWindow {
  const { round, strategy, role, constraints } = planned;
  const window = { events, from: 0, to: events.length };
  return { ...window, round, strategy, role, constraints, isWhole: true, cost: undefined };
}

function roundEvidence(window: RoundWindow, witnessed: RoundWitness | undefined): RoundEvidence {
  const { round, constraints, isWhole, events, from, to } = window;
  const operations = new Operations(window);
  const logs = new JobLogs(window, operations);
  const rescues = new Rescues(window, operations);
  const keys = new JobKeys(window, operations);
  const witness =
    witnessed === undefined
      ? null
      : {
          ...witnessed,
          resolution: resolveUnknowns({ ...window, operations }, witnessed),
          transitions: new Transitions(witnessed),
        };
  const views = { operations, logs, rescues, keys, witness };
  return { round, constraints, isWhole, events, from, to, ...views };
}
