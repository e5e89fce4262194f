import type { FinalDetail, InspectDetail } from "../history/event.ts";
import { notesOf } from "../history/rounds.ts";
import type { Note } from "../history/rounds.ts";
import type { RoundEvidence } from "./check.ts";

export type Inspection<D extends InspectDetail> = Note<D>;

/** What the tables said when asked for `what`, in order. */
export function inspectionsOf<W extends InspectDetail["what"]>(
  round: RoundEvidence,
  what: W,
): readonly Inspection<Extract<InspectDetail, { what: W }>>[] {
  return notesOf<InspectDetail>(round, "inspect").filter(
    (note): note is Inspection<Extract<InspectDetail, { what: W }>> => note.detail.what === what,
  );
}

/** The tables after the drain; undefined: nobody looked. */
export function finalOf(round: RoundEvidence): Inspection<FinalDetail> | undefined {
  return inspectionsOf(round, "final").at(-1);
}

/** `2 of 6 rounds`, and why they may lack something: for notes. */
export function roundsText(
  rounds: readonly RoundEvidence[],
  lacking: readonly RoundEvidence[],
): string {
  const cutShort = lacking.filter((round) => !round.isWhole).length;
  const why = cutShort === 0 ? "" : `, ${cutShort} of them cut short`;
  return `${lacking.length} of ${rounds.length} rounds${why}`;
}
