import { Command, Option } from "commander";
import { formats } from "../report/formats.ts";
import type { FormatName } from "../report/formats.ts";
import { readResult } from "../report/read.ts";
import { writeReports } from "../report/write.ts";
import { printResult } from "./answer.ts";

interface ReportFlags {
  readonly format?: FormatName;
  readonly json?: boolean;
}

export function reportCommand(): Command {
  return new Command("report")
    .description("renders the reports of an old run again")
    .argument("<run folder>", "such as reports/latest; or a result.json")
    .addOption(
      new Option("--format <name>", "print this format on stdout and write nothing").choices(
        Object.keys(formats),
      ),
    )
    .option("--json", "the same as --format json")
    .action(report);
}

async function report(path: string, { format, json }: ReportFlags): Promise<void> {
  const result = await readResult(path);
  const printed = json ? "json" : format;
  if (printed !== undefined) {
    process.stdout.write(Object.values(formats[printed].render(result)).join("\n"));
    return;
  }
  const isFile = path.endsWith(".json");
  if (!isFile) await writeReports(path, result);
  printResult(result, isFile ? undefined : path);
}
