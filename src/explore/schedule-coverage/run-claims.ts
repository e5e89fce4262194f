import { Operations } from "../../history/operations.ts";
import type { RoundWindow } from "../../history/rounds.ts";
import type { RecordedStatements } from "../../history/statement-reader.ts";
import type { RecordedStatement, RecordedWait } from "../../history/statements.ts";

/** One attempt of a bot to get a job; one that lost a race, and was tried again, is two. */
export interface RunClaim {
  readonly bot: number;
  readonly statements: readonly RecordedStatement[];
  /** Looks that found one of these statements waiting. */
  readonly waits: readonly SeenWait[];
  readonly from: number;
  readonly to: number;
}

export interface SeenWait extends Omit<RecordedWait, "bot"> {
  /** Which of the claim's statements waited. */
  readonly statement: number;
}

/** Claims of a round, by when they began. One whose end or whose statements are not in the record is left out. */
export function claimsOf(window: RoundWindow, recorded: RecordedStatements): readonly RunClaim[] {
  const operations = new Operations(window);
  const statements = byBot(recorded.statements);
  const waits = byBot(recorded.waits);
  const claims: RunClaim[] = [];
  const { events } = window;
  for (let at = 0; at < operations.length; at++) {
    const complete = operations.complete(at);
    if (operations.op(at) !== "claim" || complete < 0) continue;
    const bot = operations.bot(at);
    const asked = { from: events.t(operations.invoke(at)), to: events.t(complete) };
    const own = within(statements.get(bot) ?? [], asked);
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) continue;
    const [from, to] = [first.from, last.to];
    const seen = waitsIn(own, within(waits.get(bot) ?? [], { from, to }));
    claims.push({ bot, statements: own, waits: seen, from, to });
  }
  return claims.toSorted((one, other) => one.from - other.from);
}

function byBot<T extends { readonly bot: number; readonly from: number }>(
  lines: readonly T[],
): ReadonlyMap<number, readonly T[]> {
  const found = new Map<number, T[]>();
  for (const line of lines) {
    const own = found.get(line.bot);
    if (own === undefined) found.set(line.bot, [line]);
    else own.push(line);
  }
  for (const own of found.values()) own.sort((one, other) => one.from - other.from);
  return found;
}

/** Those that lie wholly within the time; by bisection, since a run has very many. */
function within<T extends { readonly from: number; readonly to: number }>(
  lines: readonly T[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly T[] {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle] as T).from < from) low = middle + 1;
    else high = middle;
  }
  const found: T[] = [];
  for (let at = low; at < lines.length && (lines[at] as T).from <= to; at++) {
    const line = lines[at] as T;
    if (line.to <= to) found.push(line);
  }
  return found;
}

/** A look that began before the statement, or ended after it, may have seen another. */
function waitsIn(
  statements: readonly RecordedStatement[],
  waits: readonly RecordedWait[],
): readonly SeenWait[] {
  return waits.flatMap(({ from, to, waitsFor }) => {
    const statement = statements.findIndex((each) => each.from <= from && to <= each.to);
    return statement < 0 ? [] : [{ from, to, waitsFor, statement }];
  });
}
