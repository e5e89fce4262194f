import type { EventTable } from "./event-table.ts";
import { eventTypes, operations } from "./event.ts";

/**
 * One line of `history.ndjson`, without its line feed. Put together by hand: JSON.stringify of an object per event
 * costs five times as much, and it is spent on the thread that drives the bots.
 */
export function eventLine(table: EventTable, index: number): string {
  const bot = table.bot(index);
  const job = table.job(index);
  const attempt = table.attempt(index);
  const code = table.code(index);
  const detail = table.detail(index);
  let line = `{"i":${table.number(index)},"t":${table.t(index)}`;
  if (bot !== -1) line += `,"bot":${bot}`;
  line += whatHappened[table.op(index)][table.type(index)];
  if (job !== -1) line += `,"job":${job}`;
  if (attempt !== -1) line += `,"attempt":${attempt}`;
  if (code !== undefined) line += `,"code":${JSON.stringify(code)}`;
  if (detail !== undefined) line += `,"detail":${JSON.stringify(detail)}`;
  return `${line}}`;
}

/** `,"op":"claim","type":"ok"`, for every pair there is. */
const whatHappened = byName(operations, (op) =>
  byName(eventTypes, (type) => `,"op":"${op}","type":"${type}"`),
);

function byName<K extends string, V>(
  names: readonly K[],
  value: (name: K) => V,
): Readonly<Record<K, V>> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, V>;
}
