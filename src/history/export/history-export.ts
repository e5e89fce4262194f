import type { EventTable } from "../event-table.ts";
import { edn, isKeyword } from "./edn.ts";
import { jepsenOps } from "./jepsen.ts";
import type { JepsenOp } from "./jepsen.ts";

/** Every form in which a history can be written for another tool: one operation a line. */
const lines = {
  edn: ednLine,
  "jepsen-json": (op: JepsenOp): string => JSON.stringify(op),
} as const satisfies Readonly<Record<string, (op: JepsenOp) => string>>;

export type ExportFormat = keyof typeof lines;

export const exportFormats = Object.keys(lines) as readonly ExportFormat[];

/** About so many characters are handed on at once: a write for every line would take longer than the lines. */
const chunkSize = 65_536;

/** The lines of the exported history in pieces of some size, so that no more than one of them is in memory. */
export function* exportHistory(events: EventTable, format: ExportFormat): Generator<string> {
  let chunk = "";
  for (const op of jepsenOps(events)) {
    chunk += `${lines[format](op)}\n`;
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

/** Names that stand for themselves are keywords: process (of the nemesis), type, f, and an error that has such a name. */
function ednLine({ index, time, process, type, f, value, error, ...ours }: JepsenOp): string {
  const fields = [
    `:index ${index}`,
    `:time ${time}`,
    `:process ${typeof process === "number" ? process : `:${process}`}`,
    `:type :${type}`,
    `:f ${nameOf(f)}`,
    `:value ${edn(value)}`,
    ...(error === undefined ? [] : [`:error ${nameOf(error)}`]),
    ...Object.entries(ours).map(([name, item]) => `:${name} ${edn(item)}`),
  ];
  return `{${fields.join(", ")}}`;
}

/** A SQLSTATE that begins with a digit cannot be a keyword. */
function nameOf(name: string): string {
  return isKeyword(name) ? `:${name}` : edn(name);
}
