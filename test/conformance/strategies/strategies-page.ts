import { readdirSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../src/base/package-root.ts";
import { loadStrategy, strategyNames } from "../../../src/service/strategy.ts";
import type { Strategy } from "../../../src/service/strategy.ts";

/** `docs/strategies.md` as the files of `sql/strategies` have it. */
export function strategiesPage(): string {
  const strategies = strategyNames().map(loadStrategy);
  return `# Strategies

How a claim can be made, each in one file of [\`sql/strategies\`](../sql/strategies), with the reason for what it does in its comments.
This page is written from those files by a test; [adding-a-strategy.md](adding-a-strategy.md) explains their form.

A *safe* strategy passes every check; an *unsafe* one is there to be caught, and by the checks it names. Both are raced by
\`test/conformance/strategies\`, so none of this is only said. \`npx doubletake run scenarios/strategy-matrix.yaml\` compares them
under one load.

## Safe

| strategy | shape | what it does |
|---|---|---|
${rows(strategies, "safe", (strategy) => [shape(strategy), text(strategy.summary)])}

## Unsafe

| strategy | shape | breaks | what it does |
|---|---|---|---|
${rows(strategies, "unsafe", (strategy) => [shape(strategy), strategy.breaks.join(", "), text(strategy.summary)])}

## Claims that are right, with a settle that is not

What happens after a claim is [another matter](job-lifecycle.md). A name with a \`+\` takes a wrong statement of
[\`sql/lifecycle/unsafe\`](../sql/lifecycle/unsafe) in place of the right one, \`skip-locked+${variants()[0]}\`:
${variants()
  .map((name) => `\`${name}\``)
  .join(", ")}.
`;
}

function rows(
  strategies: readonly Strategy[],
  verdict: Strategy["verdict"],
  cells: (strategy: Strategy) => readonly string[],
): string {
  return strategies
    .filter((strategy) => strategy.verdict === verdict)
    .map((strategy) => {
      const link = `[${strategy.name}](../sql/strategies/${strategy.name}.sql)`;
      return `| ${[link, ...cells(strategy)].join(" | ")} |`;
    })
    .join("\n");
}

/** `1 statement`; `3 statements in READ COMMITTED`; what has to be set up for it. */
function shape({ steps, transaction, setup }: Strategy): string {
  const count = steps.length === 1 ? "1 statement" : `${steps.length} statements`;
  const where = transaction === "none" ? "" : ` in ${transaction.toUpperCase()}`;
  const needs =
    setup.length === 0
      ? ""
      : `, with ${/create table/i.test(sqlOf(setup)) ? "a table" : "an index"} of its own`;
  return `${count}${where}${needs}`;
}

function sqlOf(setup: Strategy["setup"]): string {
  return setup.map(({ sql }) => sql).join("\n");
}

function variants(): readonly string[] {
  const files = readdirSync(join(packageRoot, "sql/lifecycle/unsafe"));
  return files.map((file) => file.replace(/\.sql$/, "")).toSorted();
}

function text(summary: string): string {
  return summary.replaceAll("|", "\\|");
}
