import type { RunResult } from "../result.ts";
import { checksSection } from "./checks-section.ts";
import { htmlDocument } from "./document.ts";
import { environmentSection } from "./environment-section.ts";
import { faultsSection } from "./faults-section.ts";
import { headSection } from "./head-section.ts";
import { latencySection } from "./latency-section.ts";
import { jobsSection } from "./jobs-section.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { overTimeSection } from "./over-time-section.ts";
import { roundsSection } from "./rounds-section.ts";
import { scriptElement, scriptHash } from "./script.ts";
import { serverSection } from "./server-section.ts";

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Markup | undefined;
}

/** The whole of report.html. Without scripts, as most CI servers show artifacts, everything but the search is there. */
export function page(result: RunResult): string {
  const sections = sectionsOf(result).filter((section) => section.content !== undefined);
  return htmlDocument({
    title: `${result.scenario.name}: ${result.verdict}`,
    madeBy: result.doubletake,
    main: markup`${headSection(result, navigation(sections))}
${sections.map(({ id, title, content }) => markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`)}`,
    script: { element: scriptElement(), hash: scriptHash },
  });
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
    { id: "server", title: "What a claim costs", content: serverSection(result) },
    { id: "rounds", title: "Claims per second, round by round", content: roundsSection(result) },
  ];
  const environment = {
    id: "environment",
    title: "Environment and replay",
    content: environmentSection(result),
  };
  const jobs = { id: "jobs", title: "Job by job", content: jobsSection(result) };
  const subjectFailed = result.strategies.some(
    (strategy) => strategy.role === "subject" && strategy.verdict !== "passed",
  );
  return subjectFailed
    ? [checks, jobs, ...numbers, environment]
    : [...numbers, checks, jobs, environment];
}
