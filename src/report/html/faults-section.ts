import { faultsAcross } from "../faults-across.ts";
import type { FaultAcross } from "../faults-across.ts";
import { count } from "../number.ts";
import { recoveryText } from "../recovery-text.ts";
import type { FaultResult, RunResult } from "../result.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { mostColumns } from "./strategy-table.ts";
import { dataTable } from "./table.ts";

/** What was injected, and how often it is known to have hurt something: a fault that never hit shows nothing. */
export function faultsSection(result: RunResult): Markup | undefined {
  const faults = faultsAcross(result);
  if (faults.length === 0) return undefined;
  const names = result.strategies.map((strategy) => strategy.name);
  if (names.length > mostColumns) return byStrategy(faults, names);
  return dataTable({
    caption: "How often each fault was injected, and how often it is known to have hurt something",
    headings: ["fault", ...names],
    rows: faults.map((fault) => faultRow(fault, names)),
  });
}

/** Many strategies are lines: so many columns nobody reads. */
function byStrategy(faults: readonly FaultAcross[], names: readonly string[]): Markup {
  return dataTable({
    caption: "How often each fault was injected, and how often it is known to have hurt something",
    headings: ["strategy", ...faults.map(({ fault, summary }) => `${fault} (${summary})`)],
    rows: names.map((name) => [
      name,
      ...faults.map(({ strategies }) =>
        hits(strategies.find(({ strategy }) => strategy === name)?.met),
      ),
    ]),
  });
}

function faultRow(fault: FaultAcross, names: readonly string[]): (Markup | string)[] {
  const title = markup`<strong>${fault.fault}</strong><br>${fault.summary}`;
  const cells = names.map((name) =>
    hits(fault.strategies.find(({ strategy }) => strategy === name)?.met),
  );
  return [title, ...cells];
}

function hits(met: FaultResult | undefined): Markup | string {
  if (met === undefined) return "not injected";
  const hit = `hit ${count(met.hit)}×`;
  const recovery = recoveryText(met);
  return markup`injected ${count(met.injected)}×<br>${met.hit === 0 ? markup`<strong>${hit}</strong>` : hit}${recovery !== undefined && markup`<br>${recovery}`}`;
}
