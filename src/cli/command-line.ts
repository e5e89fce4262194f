import { Command, CommanderError } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import { benchCommand } from "./bench.ts";
import { checkCommand } from "./check.ts";
import { compareCommand } from "./compare.ts";
import { doctorCommand } from "./doctor.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";
import { exploreCommand } from "./explore.ts";
import { firstError } from "./first-error.ts";
import { listCommand } from "./list.ts";
import { proxyCommand } from "./proxy.ts";
import { replayCommand } from "./replay.ts";
import { reportCommand } from "./report.ts";
import { runCommand } from "./run.ts";
import { schemaCommand } from "./schema.ts";
import { serveCommand } from "./serve.ts";
import { trendCommand } from "./trend.ts";

/** Every command, in the order of the help. */
const commands = [
  runCommand,
  checkCommand,
  reportCommand,
  exploreCommand,
  replayCommand,
  compareCommand,
  trendCommand,
  serveCommand,
  benchCommand,
  proxyCommand,
  listCommand,
  schemaCommand,
  doctorCommand,
];

/** Carries out a command line. Sets the exit code; throws nothing. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  // Whoever reads the answer may stop reading, as `head` does: the work goes on to its end, and what is left is not told.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", endOfReading);
  try {
    await program().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function endOfReading(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function program(): Command {
  const root = new Command("doubletake")
    .description("Proves that no two workers ever get the same job, and shows what that costs.")
    .version(packageVersion())
    .showHelpAfterError("(doubletake --help lists the commands)");
  for (const command of commands) root.addCommand(command());
  throwInsteadOfExit(root);
  return root;
}

/** Commander would exit with 1, which here means that a property was violated. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

/** Tells the user and returns the exit code. Commander has told already what it did not understand. */
function report(thrown: unknown): number {
  const error = firstError(thrown);
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  const isExpected = error instanceof HarnessError;
  const text = isExpected ? error.message : `a defect in doubletake: ${stackOf(error)}`;
  process.stderr.write(`doubletake: ${text}\n`);
  return exitCodeOf(error);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
