import { count, milliseconds } from "../number.ts";
import type { JobStory, RunResult } from "../result.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dataBlock } from "./script.ts";
import { dataTable } from "./table.ts";

/** So many jobs of the evidence are listed for a reader without scripts. */
const mostListed = 40;

/** What happened to a single job: those of the evidence as a table, all that are kept by a search, where scripts run. */
export function jobsSection(result: RunResult): Markup | undefined {
  const kept = result.strategies.flatMap(({ jobs }) => jobs?.kept ?? []);
  if (kept.length === 0) return undefined;
  const total = result.strategies.reduce((sum, { jobs }) => sum + (jobs?.total ?? 0), 0);
  const extent =
    kept.length === total
      ? `all ${count(total)} jobs of the run are here`
      : `${count(kept.length)} of ${count(total)} jobs are here, those of the evidence and those with more than one grant or a failure first; history.ndjson has them all`;
  return markup`<p class="facts">A job is told by its number and its round; ${extent}.</p>
<div class="lookup" data-lookup hidden></div>
${dataBlock("job-stories", lookupData(result))}
${evidenceJobs(result)}`;
}

/** Compact: a strategy by its place, what happened by its place in a list of words. */
function lookupData({ strategies }: RunResult): unknown {
  const words: string[] = [];
  const wordNumber = (word: string): number => {
    const known = words.indexOf(word);
    return known === -1 ? words.push(word) - 1 : known;
  };
  const jobs = strategies.flatMap(({ jobs: stories }, place) =>
    (stories?.kept ?? []).map(({ round, job, events }) => [
      place,
      round,
      job,
      events.map(([atMs, what, bot, attempt]) => [atMs, wordNumber(what), bot, attempt]),
    ]),
  );
  return { strategies: strategies.map(({ name }) => name), words, jobs };
}

function evidenceJobs(result: RunResult): Markup | undefined {
  const accused = result.strategies.flatMap((strategy) => {
    const cases = strategy.checks.flatMap(({ evidence }) => evidence);
    const keys = new Set(cases.map(({ round, job }) => `${round} ${job ?? ""}`));
    const stories = strategy.jobs?.kept ?? [];
    return stories
      .filter(({ round, job }) => keys.has(`${round} ${job}`))
      .map((story) => ({ strategy: strategy.name, story }));
  });
  if (accused.length === 0) return undefined;
  return dataTable({
    caption: "The jobs of the evidence; times from the start of the round's load",
    headings: ["job", "round", "strategy", "what happened"],
    rows: accused
      .slice(0, mostListed)
      .map(({ strategy, story }) => [
        `job ${story.job}`,
        String(story.round),
        strategy,
        storyText(story),
      ]),
    className: "stories",
  });
}

/** `claim ok by bot 4, attempt 1 at 1.20 ms; …`. */
function storyText({ events }: JobStory): string {
  return events
    .map(([atMs, what, bot, attempt]) => {
      const who = bot === null ? "" : ` by bot ${bot}`;
      const under = attempt === null ? "" : `, attempt ${attempt}`;
      return `${what}${who}${under} at ${atMs < 0 ? "the set-up" : milliseconds(atMs)}`;
    })
    .join("; ");
}
