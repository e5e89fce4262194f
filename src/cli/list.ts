import { Argument, Command } from "commander";
import { checks } from "../checks/registry.ts";
import { faults } from "../chaos/faults.ts";
import { loadStrategy, strategyNames } from "../service/strategy.ts";
import { scenarioDetail, shippedScenarios } from "./shipped-scenarios.ts";

/** A line of a list: what it is called, and one sentence on it. */
interface Entry {
  readonly name: string;
  readonly summary: string;
  /** A second line. */
  readonly detail?: string;
  readonly [more: string]: unknown;
}

const kinds = { scenarios, strategies, faults: faultEntries, checks: checkEntries };
type Kind = keyof typeof kinds;

export function listCommand(): Command {
  return new Command("list")
    .description("lists what there is: scenarios, strategies, faults, checks")
    .addArgument(new Argument("[kind]", "what to list").choices(Object.keys(kinds)))
    .option("--json", "print one JSON document")
    .action((kind: Kind | undefined, flags: { readonly json?: boolean }) => {
      const wanted = kind === undefined ? (Object.keys(kinds) as Kind[]) : [kind];
      const lists = wanted.map((name) => [name, kinds[name]()] as const);
      process.stdout.write(
        flags.json
          ? `${JSON.stringify(Object.fromEntries(lists), null, 2)}\n`
          : lists.map(([name, entries]) => plainList(name, entries)).join("\n"),
      );
    });
}

function plainList(name: string, entries: readonly Entry[]): string {
  const width = Math.max(...entries.map((entry) => entry.name.length));
  const indent = " ".repeat(width + 4);
  const lines = entries.map(({ name: entry, summary, detail }) => {
    const more = detail === undefined ? "" : `${indent}${detail}\n`;
    return `  ${entry.padEnd(width)}  ${summary}\n${more}`;
  });
  return `${name}\n${lines.join("")}`;
}

function scenarios(): Entry[] {
  return shippedScenarios().map((scenario) => ({ ...scenario, detail: scenarioDetail(scenario) }));
}

function strategies(): Entry[] {
  return strategyNames().map((reference) => {
    const { name, summary, transaction, verdict, breaks } = loadStrategy(reference);
    return { name, summary: `${summary} (${verdict})`, transaction, verdict, breaks };
  });
}

function faultEntries(): Entry[] {
  return Object.entries(faults).map(([name, { summary, moment }]) => ({ name, summary, moment }));
}

function checkEntries(): Entry[] {
  return checks.map(({ name, property }) => ({ name, summary: property }));
}
