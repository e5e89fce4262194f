import { nsPerMs } from "../base/clock.ts";
import type { Operation } from "../history/event.ts";
import type { WitnessWindow } from "../history/witness.ts";
import type { RoundEvidence } from "./check.ts";
import { counted } from "./findings.ts";

/** The operations of which the witness is asked, and what to call one. */
export interface Asked {
  readonly ops: readonly Operation[];
  readonly noun: string;
}

/** `3 unknown claims: 2 happened, 1 did not`; undefined where no answer was lost, or nothing was witnessed. */
export function resolvedText(rounds: readonly RoundEvidence[], asked: Asked): string | undefined {
  const tally = { happened: 0, "did not happen": 0, "not known": 0 };
  for (const { operations, witness } of rounds) {
    if (witness === null) continue;
    for (let operation = 0; operation < operations.length; operation++) {
      if (!asked.ops.includes(operations.op(operation))) continue;
      const truth = witness.resolution.truth(operation);
      if (truth !== null) tally[truth]++;
    }
  }
  const { happened, "did not happen": didNot, "not known": notKnown } = tally;
  const all = happened + didNot + notKnown;
  if (all === 0) return undefined;
  const left = notKnown === 0 ? "" : `, ${notKnown} nobody knows`;
  return `${counted(all, `unknown ${asked.noun}`)}: ${happened} happened, ${didNot} did not${left}`;
}

/** Whatever there is to say, in one note. */
export function joined(...notes: readonly (string | undefined)[]): string | undefined {
  const said = notes.filter((note) => note !== undefined);
  return said.length === 0 ? undefined : said.join("; ");
}

/** `t=12.402 ms`: when a change was committed, on the history's clock, as well as that is known. */
export function commitText({ changes }: WitnessWindow, change: number): string {
  const at = changes.at(change);
  return Number.isNaN(at)
    ? `change ${changes.number(change)}`
    : `t=${(at / nsPerMs).toFixed(3)} ms`;
}
