import type { ConnectionDetail } from "../history/event.ts";
import { notesOf } from "../history/rounds.ts";
import { wakeOf } from "../scenario/wake.ts";
import type { Evidence, RoundEvidence } from "./check.ts";
import { timeText } from "./findings.ts";

/** Why nobody came for jobs that waited. */
export interface Unwoken {
  readonly text: string;
  /** Index of the event that explains it; absent: there is none, and that is the explanation. */
  readonly event?: number | undefined;
}

interface Note {
  readonly index: number;
  readonly detail: ConnectionDetail;
}

/**
 * What became of the notices that bots of this round waited for; undefined where they ask again and again by themselves.
 *
 * ```
 *   listener 1   opened ── notified ── lost ─────────────────────────
 *   jobs                 added          added  added                  ← nobody is told of these
 * ```
 */
export function unwoken(
  { plan, role }: Pick<Evidence, "plan" | "role">,
  round: RoundEvidence,
): Unwoken | undefined {
  const wake = wakeOf(plan.scenario, role);
  if (wake?.kind !== "notify") return undefined;
  const notes = notesOf<ConnectionDetail>(round, "connection").filter(
    ({ detail }) => detail.listener !== undefined,
  );
  const { text, event } = storyOf(notes, round);
  if (wake.pollMs !== undefined) return { text, event };
  return { text: `the bots wait until they are told of jobs, and ${text}`, event };
}

function storyOf(notes: readonly Note[], round: RoundEvidence): Unwoken {
  const lost = lostForGood(notes);
  if (lost !== undefined) {
    const text = `their listener was lost (${timeText(round, lost.index)}) and did not come back`;
    return { text, event: lost.index };
  }
  const told = notes.findLast(({ detail }) => detail.event === "notified");
  const gone = notes.findLast(({ detail }) => detail.event === "lost");
  if (gone !== undefined && gone.index > (told?.index ?? -1)) {
    const { listener } = gone.detail;
    const back = notes.findLast(({ detail }) => detail.listener === listener) as Note;
    const [from, to] = [gone, back].map(({ index }) => timeText(round, index));
    const text = `their listener was away from ${from} to ${to}, and what was sent meanwhile is lost`;
    return { text, event: gone.index };
  }
  if (told === undefined) return { text: "not one notification has reached their listener" };
  const at = timeText(round, told.index);
  return { text: `the last notification reached their listener at ${at}`, event: told.index };
}

/** The loss of the first listener whose story ends with it. */
function lostForGood(notes: readonly Note[]): Note | undefined {
  const lastOf = new Map<number, Note>();
  for (const note of notes) {
    const { event, listener = 0 } = note.detail;
    const before = lastOf.get(listener);
    // That it could not be opened again does not say when it was lost.
    if (event !== "refused" || before?.detail.event !== "lost") lastOf.set(listener, note);
  }
  return [...lastOf.values()].find(({ detail }) => detail.event === "lost");
}
