import type { RunResult } from "../result.ts";
import { checksSection } from "./checks-section.ts";
import { environmentSection } from "./environment-section.ts";
import { faultsSection } from "./faults-section.ts";
import { headSection } from "./head-section.ts";
import { latencySection } from "./latency-section.ts";
import { Markup, markup } from "./markup.ts";
import { overTimeSection } from "./over-time-section.ts";
import { roundsSection } from "./rounds-section.ts";
import { style } from "./style.ts";

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Markup | undefined;
}

/**
 * The whole of report.html. The policy in its head allows styles that stand in the page and nothing else: no script
 * runs and nothing is loaded, wherever the file is opened.
 */
export function page(result: RunResult): string {
  const sections = sectionsOf(result).filter((section) => section.content !== undefined);
  // The style sheet is ours and constant: escaped, its quotes would mean something else.
  const styles = new Markup(`<style>${style}</style>`);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="doubletake ${result.doubletake}">
<title>${result.scenario.name}: ${result.verdict} (doubletake)</title>
${styles}
</head>
<body>
<main>
${headSection(result, navigation(sections))}
${sections.map(({ id, title, content }) => markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`)}
</main>
</body>
</html>
`.toString();
}

function navigation(sections: readonly Section[]): Markup {
  return markup`<nav aria-label="Sections">${sections.map(({ id, title }) => markup`<a href="#${id}">${title}</a>`)}</nav>`;
}

/** What was found comes first where there is something a reader must act on; else the numbers do. */
function sectionsOf(result: RunResult): readonly Section[] {
  const checks = { id: "checks", title: "Checks and evidence", content: checksSection(result) };
  const numbers: readonly Section[] = [
    { id: "faults", title: "Broken on purpose", content: faultsSection(result) },
    { id: "over-time", title: "Over time", content: overTimeSection(result) },
    { id: "latency", title: "Latency by percentile", content: latencySection(result) },
    { id: "rounds", title: "Claims per second, round by round", content: roundsSection(result) },
  ];
  const environment = {
    id: "environment",
    title: "Environment and replay",
    content: environmentSection(result),
  };
  const subjectFailed = result.strategies.some(
    (strategy) => strategy.role === "subject" && strategy.verdict !== "passed",
  );
  return subjectFailed ? [checks, ...numbers, environment] : [...numbers, checks, environment];
}
