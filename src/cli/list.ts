import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command } from "commander";
import { packageRoot } from "../base/package-root.ts";
import { checks } from "../checks/registry.ts";
import { faults } from "../chaos/faults.ts";
import { readScenario } from "../scenario/read-scenario.ts";
import { loadStrategy, strategyNames } from "../service/strategy.ts";

/** A line of a list: what it is called, and one sentence on it. */
interface Entry {
  readonly name: string;
  readonly summary: string;
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
  const lines = entries.map((entry) => `  ${entry.name.padEnd(width)}  ${entry.summary}\n`);
  return `${name}\n${lines.join("")}`;
}

function scenarios(): Entry[] {
  const folder = join(packageRoot, "scenarios");
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  return files.toSorted().map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const scenario = readScenario({ file: `scenarios/${file}`, text }, faults);
    return {
      name: scenario.name,
      summary: scenario.description,
      file: scenario.file,
      tags: scenario.tags,
      faults: scenario.faults.map((fault) => fault.kind),
      ...scenario.strategies,
    };
  });
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
