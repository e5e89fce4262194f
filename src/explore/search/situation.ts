import { createHash } from "node:crypto";
import { areDependent } from "../footprint.ts";
import type { Footprint } from "../footprint.ts";
import type { Happened, Told } from "../schedule.ts";

/** What happened in a schedule, as far as it decides how it can go on: that a bot asked for something, or that bots were told. */
export interface Deed {
  /** Who is in it; a bot's own deeds come one after the other. */
  readonly bots: readonly number[];
  /** Empty: the bot asked, and waits. */
  readonly told: readonly Told[];
  readonly footprint: Footprint;
}

/**
 * A statement that has to wait looks around when it begins, and touches only when it gets what it waits for. So it is two
 * deeds, between which others may come, and of two that wait for the same neither is first: not before one of them gets it.
 */
export function deedsOf({ bot, footprint, told, waiting }: Happened): readonly Deed[] {
  const { reads, locks } = footprint;
  const asks: Deed = {
    bots: [bot],
    told: [],
    footprint: { ...footprint, reads: [...reads, ...locks], locks: [] },
  };
  const bots = [...new Set([bot, ...told.map((each) => each.bot)])];
  const ends: Deed = { bots, told, footprint };
  if (waiting.has(bot))
    return told.length === 0 ? [asks] : [asks, { ...ends, bots: told.map((each) => each.bot) }];
  // In a deadlock everybody waits, and somebody is told to give up: it does not matter who came to it last.
  return told.some(({ isDeadlock }) => isDeadlock) ? [asks, ends] : [ends];
}

/**
 * Where a schedule stands, as text: equal where two schedules differ only in the order of deeds that nobody can tell apart, or
 * in who of the first `alike` bots is who. Who waits belongs to it, who waited first does not: that is what the server decides
 * by, mostly. So what comes after one can come after the other.
 */
export function situationOf(
  deeds: readonly Deed[],
  waiting: ReadonlySet<number>,
  alike: number,
): string {
  const before = deeds.map((deed, at) => mustComeBefore(deeds, deed, at));
  const forms = renamings(alike, namedIn(deeds)).map((names) => {
    const waits = [...waiting]
      .map((bot) => names[bot] ?? bot)
      .toSorted((one, other) => one - other);
    const labels = deeds.map((deed) => labelOf(deed, names));
    return [...ordered(labels, before), `waiting: ${waits.join(" ")}`].join("\n");
  });
  return createHash("sha256")
    .update(forms.toSorted()[0] as string)
    .digest("base64");
}

function mustComeBefore(deeds: readonly Deed[], deed: Deed, at: number): readonly number[] {
  return deeds.slice(0, at).flatMap((earlier, place) => {
    const isBound = earlier.bots.some((bot) => deed.bots.includes(bot));
    return isBound || areDependent(earlier.footprint, deed.footprint) ? [place] : [];
  });
}

/** Of all orders that keep what must come before what, the one that is first in the alphabet. */
function ordered(labels: readonly string[], before: readonly (readonly number[])[]): string[] {
  const left = new Set(labels.keys());
  const form: string[] = [];
  while (left.size > 0) {
    const free = [...left].filter((at) => !before[at]?.some((earlier) => left.has(earlier)));
    const next = free.reduce((best, at) =>
      (labels[at] as string) < (labels[best] as string) ? at : best,
    );
    form.push(labels[next] as string);
    left.delete(next);
  }
  return form;
}

/** Other names for bots: from each number to the new one. */
type Names = readonly number[];

function labelOf({ bots, told }: Deed, names: Names): string {
  const nameOf = (bot: number): number => names[bot] ?? bot;
  if (told.length === 0) return `${bots.map(nameOf).join(" ")} asks`;
  return told
    .map(({ bot, what }) => `${nameOf(bot)} ${what}`)
    .toSorted()
    .join(", ");
}

function namedIn(deeds: readonly Deed[]): ReadonlySet<number> {
  return new Set(deeds.flatMap(({ told }) => told.flatMap(({ numbers }) => numbers)));
}

/** A number that a bot was told may be a bot's: who is told of may not have another name. */
function renamings(alike: number, named: ReadonlySet<number>): readonly Names[] {
  const free = Array.from({ length: alike }, (_, at) => at + 1).filter((bot) => !named.has(bot));
  return permutations(free).map((order) => {
    const names: number[] = [];
    for (const [at, bot] of free.entries()) names[bot] = order[at] as number;
    return names;
  });
}

function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}
