import type { Case, RoundEvidence } from "../checks/check.ts";
import type { WitnessChange } from "../history/witness-change.ts";

/** More would not fit into a drawing. */
const mostCommits = 16;

/**
 * What the database recorded of the case's job from a moment before its first event to its last, in commit order: it
 * shows inside an operation what the bots saw only at its ends. Empty where nothing made the database tell, or it
 * could not tell when.
 */
export function commitsMeanwhile(
  { job, events }: Case,
  { witness, ...round }: RoundEvidence,
): readonly WitnessChange[] {
  const [fromNs, toNs] = spanOf(events, round);
  if (job === undefined || witness === null || witness.uncertaintyNs === null) return [];
  const slackNs = witness.uncertaintyNs;
  const found: WitnessChange[] = [];
  for (let index = witness.from; index < witness.to && found.length < mostCommits; index++) {
    const { changes } = witness;
    if (changes.job(index) !== job || changes.of(index) === "effect") continue;
    const at = changes.at(index);
    if (at >= fromNs - slackNs && at <= toNs + slackNs) found.push(changes.change(index));
  }
  return found;
}

/** From the first question to the last answer of the operations that the events belong to. */
function spanOf(
  events: Case["events"],
  { operations, events: table, from, to }: Omit<RoundEvidence, "witness">,
): readonly [fromNs: number, toNs: number] {
  let [fromNs, toNs] = [Infinity, -Infinity];
  const numbers = new Set(events.map(({ i }) => i));
  for (let index = from; index < to && numbers.size > 0; index++) {
    if (!numbers.delete(table.number(index))) continue;
    const operation = operations.at(index);
    const ends =
      operation === -1 ? [] : [operations.invoke(operation), operations.complete(operation)];
    for (const end of [index, ...ends].filter((each) => each !== -1)) {
      fromNs = Math.min(fromNs, table.t(end));
      toNs = Math.max(toNs, table.t(end));
    }
  }
  return [fromNs, toNs];
}
