import { HarnessError } from "../base/harness-error.ts";
import { readHistory } from "../history/reader.ts";
import type { History } from "../history/reader.ts";
import { readWitness } from "../history/witness-reader.ts";
import type { Witness } from "../history/witness.ts";
import type { RecordedHistory } from "./conclude.ts";
import { readRunCoverage } from "./run-coverage.ts";

/**
 * The history of a run folder or of any system, and the witness beside it. A history can be judged without a witness,
 * so one that is gone or broken is a warning. Throws what `readHistory` throws.
 */
export async function readRecorded(path: string): Promise<RecordedHistory> {
  const history = await readHistory(path);
  const { header, events } = history;
  const { witness, warnings } = await witnessOf(path, history);
  const coverage = header.foreign ? {} : readRunCoverage(path);
  return { header, events, witness, coverage, warnings: [...history.warnings, ...warnings] };
}

interface Found {
  readonly witness: Witness | null;
  readonly warnings: readonly string[];
}

async function witnessOf(path: string, { header }: History): Promise<Found> {
  // What lies beside the history of another system was not recorded with it.
  if (header.foreign) return { witness: null, warnings: [] };
  try {
    const witness = await readWitness(path);
    if (witness !== null) return { witness, warnings: witness.warnings };
    // The plan of a run that was recorded before there were witnesses does not speak of one.
    const { environment } = header.plan.scenario as Partial<typeof header.plan.scenario>;
    const wasMade = (environment?.witness ?? "off") !== "off";
    return { witness, warnings: wasMade ? [lacking("there is no witness.ndjson beside it")] : [] };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    return { witness: null, warnings: [lacking(`its witness cannot be read: ${error.message}`)] };
  }
}

function lacking(why: string): string {
  return `the history is judged without a witness: ${why}`;
}
