import { Command, Option } from "commander";
import { exportFormats } from "../history/export/history-export.ts";
import type { ExportFormat } from "../history/export/history-export.ts";
import { resultJson } from "../report/json.ts";
import { printResult } from "./answer.ts";
import { conclude } from "./conclude.ts";
import { writeExport } from "./export.ts";
import { readRecorded } from "./read-recorded.ts";

interface CheckFlags {
  readonly json?: boolean;
  readonly export?: ExportFormat;
  readonly out?: string;
}

export function checkCommand(): Command {
  const command = new Command("check")
    .description("judges a recorded history again, with no database")
    .argument("<history>", "a run folder, or a history.ndjson of any system")
    .option("--json", "print result.json, and nothing else, on stdout");
  return command
    .addOption(exportOption())
    .option("--out <file>", "where the export goes; else to stdout")
    .action(async (path: string, flags: CheckFlags) => {
      if (flags.out !== undefined && flags.export === undefined) {
        command.error("error: option '--out <file>' goes with '--export <format>' only");
      }
      if (flags.export === undefined) await judge(path, flags);
      else await writeExport(path, { format: flags.export, out: flags.out });
    });
}

function exportOption(): Option {
  const text = "write the history as Jepsen's operations, and do not judge it";
  return new Option("--export <format>", text).choices(exportFormats).conflicts("json");
}

async function judge(path: string, flags: CheckFlags): Promise<void> {
  const result = conclude(await readRecorded(path));
  if (flags.json) process.stdout.write(resultJson(result));
  else printResult(result, undefined);
  process.exitCode = result.exitCode;
}
