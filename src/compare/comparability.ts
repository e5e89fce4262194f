import type { RunResult } from "../report/result.ts";

/** Something that makes two results incomparable, as each of them has it. */
export interface Difference {
  readonly what: string;
  readonly baseline: string;
  readonly current: string;
}

/** What decides about costs and times, whatever the code under test does. */
const facts: Readonly<Record<string, (result: RunResult) => string>> = {
  scenario: ({ scenario }) => scenario.name,
  load: ({ load }) => withoutRepeats(load.summary),
  "PostgreSQL major version": ({ environment }) => majorOf(environment.versions["postgres"]),
  "number of CPUs": ({ environment }) => String(environment.cpus),
  "proxy in the way": ({ environment }) => (environment.toxiproxy === "none" ? "no" : "yes"),
};

/** What two results must share to be compared at all; none where they do. */
export function incomparableFacts(baseline: RunResult, current: RunResult): readonly Difference[] {
  const differing = Object.entries(facts).map(([what, of]) => ({
    what,
    baseline: of(baseline),
    current: of(current),
  }));
  return [...differing, ...settingDifferences(baseline, current)].filter(
    (difference) => difference.baseline !== difference.current,
  );
}

/** All of them in one text: numbers of results whose texts differ belong to different series. */
export function comparableFacts(result: RunResult): string {
  const texts = Object.entries(facts)
    .filter(([what]) => what !== "scenario")
    .map(([what, of]) => `${what} ${of(result)}`);
  const settings = Object.entries(result.environment.settings).map(
    ([name, value]) => `${name} ${value}`,
  );
  return [...texts, result.environment.cpuModel, ...settings].join(", ");
}

/** The same processor under the same operating system: what a time says is then at least about the same machine. */
export function isSameMachine(one: RunResult, other: RunResult): boolean {
  return machineOf(one) === machineOf(other);
}

function machineOf({ environment }: RunResult): string {
  return [environment.platform, environment.cpus, environment.cpuModel, environment.node].join("|");
}

/** A difference in one sentence. */
export function differenceText({ what, baseline, current }: Difference): string {
  return `${what}: baseline ${baseline}, current ${current}`;
}

function settingDifferences(baseline: RunResult, current: RunResult): Difference[] {
  const [one, other] = [baseline.environment.settings, current.environment.settings];
  const names = Object.keys(one).filter((name) => other[name] !== undefined);
  return names.map((name) => ({
    what: `server setting ${name}`,
    baseline: one[name] ?? "",
    current: other[name] ?? "",
  }));
}

/** More rounds of the same load make a closer look, not another load. */
function withoutRepeats(summary: string): string {
  return summary.replace(/, each strategy (once|(\d+ of )?(\d+ to )?\d+ times)$/, "");
}

function majorOf(version: string | undefined): string {
  return /^\d+/.exec(version ?? "")?.[0] ?? "unknown";
}
