import { measuredText } from "../measured-text.ts";
import { bytes, count, notAvailable, rate } from "../number.ts";
import { percentileText } from "../percentile.ts";
import type { StrategyResult } from "../result.ts";
import { visitedText } from "../schedule-coverage.ts";
import { standing } from "../standing.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { standingBadge } from "./standing-badge.ts";
import { scrolling } from "./table.ts";

interface Row {
  readonly label: string;
  /** What the number means, in a tooltip; docs/reading-a-report.md says more. */
  readonly meaning: string;
  cell(strategy: StrategyResult): Markup | string;
  /** Absent: always shown; else where it is true of a strategy. */
  readonly isKnown?: (strategy: StrategyResult) => boolean;
  /** A subject with such a value has failed. */
  isBad?(strategy: StrategyResult): boolean;
}

/** More of them side by side would be a table that nobody reads: from there on each has a line. */
export const mostColumns = 6;

/**
 * The strategies as columns, so that their numbers stand beside each other and two of them fit on a phone; as lines where
 * there are many.
 */
export function strategyTable(strategies: readonly StrategyResult[]): Markup {
  const label = "The strategies side by side";
  const isLong = strategies.length > mostColumns;
  const table = isLong ? asLines(strategies) : asColumns(strategies);
  return scrolling(
    label,
    markup`<table class="summary ${isLong && "lines"}"><caption>${label}</caption>${table}</table>`,
  );
}

function asColumns(strategies: readonly StrategyResult[]): Markup {
  const names = strategies.map(
    (strategy, place) =>
      markup`<th scope="col" data-strategy="${place}" title="${strategy.summary}">${strategy.name}</th>`,
  );
  const lines = rowsOf(strategies).map(
    (row) =>
      markup`<tr><th scope="row" title="${row.meaning}">${row.label}</th>${strategies.map((strategy, place) => cellMarkup(row, strategy, markup` data-strategy="${place}"`))}</tr>`,
  );
  return markup`<thead><tr><th scope="col"><span class="faint">strategy</span></th>${names}</tr></thead><tbody>${lines}</tbody>`;
}

function asLines(strategies: readonly StrategyResult[]): Markup {
  const known = rowsOf(strategies);
  const names = known.map(
    (row) => markup`<th scope="col" title="${row.meaning}">${row.label}</th>`,
  );
  const lines = strategies.map(
    (strategy, place) =>
      markup`<tr data-strategy="${place}"><th scope="row" title="${strategy.summary}">${strategy.name}</th>${known.map((row) => cellMarkup(row, strategy))}</tr>`,
  );
  return markup`<thead><tr><th scope="col">strategy</th>${names}</tr></thead><tbody>${lines}</tbody>`;
}

/** What was not looked for in any run needs no room in most. */
function rowsOf(strategies: readonly StrategyResult[]): readonly Row[] {
  return rows.filter(({ isKnown }) => isKnown === undefined || strategies.some(isKnown));
}

function cellMarkup(row: Row, strategy: StrategyResult, attributes?: Markup): Markup {
  const important = strategy.role === "subject" && row.isBad?.(strategy) === true;
  return markup`<td class="${important && "important"}"${attributes}>${row.cell(strategy)}</td>`;
}

const rows: readonly Row[] = [
  {
    label: "verdict",
    meaning: "a subject must pass every check; a control must be caught by one",
    cell: (strategy) => standingBadge(standing(strategy)),
  },
  {
    label: "role",
    meaning:
      "subject: is to be judged; control: known to be unsafe, shows that the run could have told",
    cell: (strategy) => `${strategy.role}${strategy.constraints ? "" : ", without constraints"}`,
  },
  {
    label: "rounds",
    meaning: "how often the strategy was run, each time on fresh tables",
    cell: (strategy) => count(strategy.rounds),
  },
  {
    label: "claims granted",
    meaning: "answers that gave a bot a job",
    cell: (strategy) => count(strategy.claims.granted),
  },
  {
    label: "duplicates",
    meaning: "grants of a job that was granted already",
    cell: (strategy) => count(strategy.claims.duplicates),
    isBad: (strategy) => strategy.claims.duplicates > 0,
  },
  {
    label: "inconsistencies",
    meaning: "rows where jobs and bots disagreed, at the worst moment that was sampled",
    cell: (strategy) => count(strategy.inconsistencies),
    isBad: (strategy) => strategy.inconsistencies > 0,
  },
  {
    label: "refused by constraints",
    meaning:
      "statements of bots that a constraint refused: what stood between a mistake and the data",
    cell: ({ monitoring }) =>
      monitoring === undefined ? notAvailable : count(monitoring.constraintViolations),
  },
  {
    label: "stuck pending",
    meaning: "jobs still pending when everything had been given the time to drain",
    cell: ({ monitoring }) => {
      const stuck = monitoring?.stuckPending;
      return stuck === undefined || stuck === null ? notAvailable : count(stuck);
    },
    isBad: ({ monitoring }) => (monitoring?.stuckPending ?? 0) > 0,
  },
  {
    label: "claims/s",
    meaning: "first grants a second: the median of the rounds and its 95 % interval",
    cell: (strategy) => measuredText(strategy.claimsPerSecond),
  },
  {
    label: "p50 to claim",
    meaning: "half of the claims were granted within this time, lost attempts included",
    cell: (strategy) => percentileText(strategy.latencyMs.toClaim, "p50"),
  },
  {
    label: "p99 to claim",
    meaning: "99 of 100 claims were granted within this time, lost attempts included",
    cell: (strategy) => percentileText(strategy.latencyMs.toClaim, "p99"),
  },
  {
    label: "attempts per claim",
    meaning: "how often a bot had to ask until it was granted a job",
    cell: (strategy) => rate(strategy.attemptsPerClaim),
  },
  {
    label: "failed, unknown",
    meaning: "attempts that certainly did not happen, and attempts of which nobody knows",
    cell: (strategy) => `${count(strategy.claims.failed)}, ${count(strategy.claims.unknown)}`,
  },
  {
    label: "conflicts",
    meaning: "attempts lost to another bot: 40001, 40P01, 55P03 or a lost race",
    cell: conflictsText,
  },
  {
    label: "arrivals, late, skipped",
    meaning: "of a scheduled load: claims that were due, sent late, and never sent",
    cell: ({ arrivals }) =>
      arrivals === null || arrivals === undefined
        ? notAvailable
        : [arrivals.scheduled, arrivals.late, arrivals.skipped].map(count).join(", "),
  },
  {
    label: "orders visited",
    meaning: "of the classes of orders that two bots' claims can have, those that were seen",
    isKnown: ({ coverage }) => coverage !== undefined,
    cell: ({ coverage }) => (coverage === undefined ? notAvailable : visitedText(coverage)),
  },
  {
    label: "empty, falsely",
    meaning: "answers without a job, and how many of them while claimable work was certainly there",
    cell: ({ claims }) =>
      `${count(claims.empty)}, ${claims.falseEmpty === null ? notAvailable : count(claims.falseEmpty)}`,
  },
  {
    label: "passed over, most",
    meaning: "older jobs that were granted later than a younger one: per grant, and at most",
    cell: ({ queueing }) =>
      `${rate(queueing?.fifoInversion.mean ?? null)}, ${rate(queueing?.fifoInversion.max ?? null)}`,
  },
  {
    label: "fairness",
    meaning: "Jain's index of grants per bot: 1 is all alike",
    cell: ({ queueing }) => rate(queueing?.fairness ?? null),
  },
  {
    label: "conflicts per claim",
    meaning: "attempts lost to another bot, per granted claim",
    cell: ({ queueing }) => rate(queueing?.conflictsPerClaim ?? null),
  },
  {
    label: "starts per job",
    meaning: "how often work was begun for each job that was completed",
    cell: ({ queueing }) => rate(queueing?.startsPerJob ?? null),
  },
  {
    label: "statements per claim",
    meaning: "statements that the bots sent, per granted claim",
    cell: (strategy) => rate(strategy.costPerClaim.statements),
  },
  {
    label: "WAL per claim",
    meaning: "bytes of write-ahead log that the server wrote, per granted claim",
    cell: (strategy) => bytes(strategy.costPerClaim.walBytes),
  },
];

/** `12 (40001: 5, LOST-RACE: 7)`. */
function conflictsText({ claims, conflictsByCode }: StrategyResult): string {
  const codes = Object.entries(conflictsByCode ?? {}).map(
    ([code, times]) => `${code}: ${count(times)}`,
  );
  const total = count(claims.conflicts);
  return codes.length === 0 ? total : `${total} (${codes.join(", ")})`;
}
