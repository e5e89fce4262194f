import { shippedScenarios } from "../../../src/cli/shipped-scenarios.ts";
import type { ShippedScenario } from "../../../src/cli/shipped-scenarios.ts";
import { families } from "./families.ts";

/** `docs/scenarios.md` as the files of `scenarios` have it. */
export function scenariosPage(): string {
  const scenarios = shippedScenarios();
  return `# Scenarios

Each file of [\`scenarios\`](../scenarios) asks one question. This page is written from those files by a test.

\`npx doubletake run scenarios --tag nightly\` runs all of them but those about speed, and writes one index;
\`--tag zombies\` those of a family; \`npx doubletake list scenarios\` prints what stands here.

The *control* is a strategy that must be caught, or the run has shown nothing. Where a check stands behind it, that is what the
strategy breaks, as its file says. Those with a \`+\` are right until something happens: an answer is lost, a bot is stopped or
killed, work outlasts its lease. \`naive\` and \`naive-transaction\` need nothing to be broken: they race by themselves, and show only
that a job given twice would be seen. Where no check stands, the strategy is right until the faults of the scenario come, and a comment in
the scenario says what catches it. *Seconds* is the fastest of a few runs on a busy machine with two cores; \`npm run bench:scenarios\` takes the time anew.

${Object.entries(families)
  .map(([tag, title]) => section(tag, title, scenarios))
  .join("\n\n")}
`;
}

/** The family that a scenario stands under: the first of its tags that is one. */
export function familyOf({ tags }: ShippedScenario): string | undefined {
  return tags.find((tag) => Object.hasOwn(families, tag));
}

function section(tag: string, title: string, scenarios: readonly ShippedScenario[]): string {
  const rows = scenarios.filter((scenario) => familyOf(scenario) === tag).map(row);
  return `## ${title}

\`--tag ${tag}\`

| scenario | asks | broken | control | seconds |
|---|---|---|---|---|
${rows.join("\n")}`;
}

function row(scenario: ShippedScenario): string {
  const { name, file, summary, faults, controls, seconds } = scenario;
  const caught = controls.map(({ name: control, breaks }) =>
    breaks.length === 0 ? control : `${control}: ${breaks.join(", ")}`,
  );
  const cells = [
    `[${name}](../${file})`,
    summary.replaceAll("|", "\\|"),
    faults.join(", ") || "–",
    caught.join("; ") || "–",
    String(seconds ?? "–"),
  ];
  return `| ${cells.join(" | ")} |`;
}
