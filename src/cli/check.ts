import { Command } from "commander";
import { resultJson } from "../report/json.ts";
import { printResult } from "./answer.ts";
import { conclude } from "./conclude.ts";
import { readRecorded } from "./read-recorded.ts";

export function checkCommand(): Command {
  return new Command("check")
    .description("judges a recorded history again, with no database")
    .argument("<history>", "a run folder, or a history.ndjson of any system")
    .option("--json", "print result.json, and nothing else, on stdout")
    .action(async (path: string, flags: { readonly json?: boolean }) => {
      const result = conclude(await readRecorded(path));
      if (flags.json) process.stdout.write(resultJson(result));
      else printResult(result, undefined);
      process.exitCode = result.exitCode;
    });
}
