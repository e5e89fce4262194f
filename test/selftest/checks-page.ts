import { checks } from "../../src/checks/registry.ts";
import type { Row } from "./row.ts";

/** What must be recorded for a check to judge; without it the check is inconclusive, or not judged with the reason. */
const needs: Readonly<Record<string, string>> = {
  "single-grant":
    "claims and settles; with `leaseMs` and `retry` of the round it knows when a job may be granted again",
  "no-overlap": "`start` or claims, and settles",
  "fenced-settle": "attempts, and settles or heartbeats of bots that lost their jobs",
  "effect-once": "the `final` inspection",
  "jobs-bots-agree": "an `agreement` inspection in the load, and one after it",
  "constraints-hold": "a `constraints` inspection of a round with constraints",
  "verification-queries": "the `verification` inspection",
  "nothing-lost": "`enqueue` and the `final` inspection",
  "no-over-claim": "claims, with `limit` where more than one job is asked for",
  "terminal-states": "settles that were accepted",
  "nothing-left-locked": "the `locks` inspection",
  drained: "the `final` inspection after a drain that nobody interrupted",
  "no-false-empty":
    "a whole [witness](witness.md) whose clock could be compared, and bots that take jobs of every type",
  "no-head-of-line-block": "`enqueue`, and claims with the code of what failed",
  "serial-keys": "`enqueue` with the keys of its jobs, and claims",
  "rescued-in-time": "`leaseMs` of the round, claims, and the rescues with `rescueEveryMs`",
  recovered:
    "a load of kind drain or duration, fifty claims before the first fault, and jobs left for everybody after it",
  "enough-evidence": "claims of two bots and more in flight at once, and faults that hit",
};

const examples = 3;

/** `docs/checks.md`: properties from the registry, and what breaks them from the mutation table, which proves it. */
export function checksPage(rows: readonly Row[]): string {
  const lines = checks.map(({ name, property }) => {
    const wrong = rows.filter(({ caughtBy }) => caughtBy === name).map((row) => row.name);
    const shown = wrong.slice(0, examples).map(cell).join("<br>");
    const more = wrong.length > examples ? `<br>and ${wrong.length - examples} more` : "";
    return `| \`${name}\` | ${cell(property)} | ${cell(needs[name] ?? "")} | ${shown}${more} |`;
  });
  return `${heading}\n${lines.join("\n")}\n`;
}

export function checksWithoutNeeds(): readonly string[] {
  return checks.map(({ name }) => name).filter((name) => needs[name] === undefined);
}

/** Text in a cell of a table; a bar would end it. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
}

const heading = `# Checks

Every check, in the order of reports: what must hold, what it takes to judge it, and wrong systems that it is known to catch. A
test writes this page from the registry (\`src/checks/registry.ts\`) and from the mutation table (\`test/selftest\`), which
\`npm run selftest\` runs: each of these wrong strategies, statements, histories and constraints is caught by the check beside it,
or the table fails. [adding-a-check.md](adding-a-check.md) tells how to add one, [history-format.md](history-format.md) what the
words stand for.

A check says *passed*, *violated* or *inconclusive*; what does not occur in a scenario is *not judged*, with the reason. Measures
without a verdict, such as fairness, stand in the report.

| check | what must hold | what it needs | what breaks it, for example |
|---|---|---|---|`;
