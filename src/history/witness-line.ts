import { unreachable } from "../base/assert.ts";
import type { WitnessTable } from "./witness-table.ts";

/** One line of `witness.ndjson`, without its line feed. By hand, because there are millions of them. */
export function witnessLine(table: WitnessTable, index: number): string {
  const at = table.at(index);
  const time = Number.isNaN(at) ? "null" : String(at);
  return (
    `{"n":${table.number(index)},"round":${table.round(index)},"xid":${table.xid(index)},` +
    `"at":${time},${whatChanged(table, index)}}`
  );
}

function whatChanged(table: WitnessTable, index: number): string {
  const [of, job, bot] = [table.of(index), table.job(index), table.bot(index)];
  switch (of) {
    case "job": {
      const status = JSON.stringify(table.status(index));
      return `"of":"job","kind":"${table.kind(index)}","job":${job},"status":${status},"bot":${bot},"attempt":${table.attempt(index)}${timesOf(table, index)}`;
    }
    case "bot":
      return `"of":"bot","kind":"${table.kind(index)}","bot":${bot},"job":${job}`;
    case "effect":
      return `"of":"effect","job":${job},"attempt":${table.attempt(index)},"bot":${bot},"value":${table.value(index)}`;
    default:
      return unreachable(of);
  }
}

function timesOf(table: WitnessTable, index: number): string {
  const [leaseUntil, dueAt] = [table.leaseUntil(index), table.dueAt(index)];
  const lease = Number.isNaN(leaseUntil) ? "" : `,"leaseUntil":${leaseUntil}`;
  return Number.isNaN(dueAt) ? lease : `${lease},"dueAt":${dueAt}`;
}
