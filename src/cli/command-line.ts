import { Command, CommanderError } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";
import { firstError } from "./first-error.ts";

type MakeCommand = () => Command;

/** Every command, in the order of the help. Each brings what it needs when it is wanted: a list needs no HTTP server. */
const commands: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  run: async () => (await import("./run.ts")).runCommand,
  check: async () => (await import("./check.ts")).checkCommand,
  report: async () => (await import("./report.ts")).reportCommand,
  explore: async () => (await import("./explore.ts")).exploreCommand,
  replay: async () => (await import("./replay.ts")).replayCommand,
  compare: async () => (await import("./compare.ts")).compareCommand,
  trend: async () => (await import("./trend.ts")).trendCommand,
  serve: async () => (await import("./serve.ts")).serveCommand,
  bench: async () => (await import("./bench.ts")).benchCommand,
  proxy: async () => (await import("./proxy.ts")).proxyCommand,
  list: async () => (await import("./list.ts")).listCommand,
  schema: async () => (await import("./schema.ts")).schemaCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
};

/** Carries out a command line. Sets the exit code; throws nothing. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  // Whoever reads the answer may stop reading, as `head` does: the work goes on to its end, and what is left is not told.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", endOfReading);
  process.on("uncaughtException", tellUncaught);
  try {
    await (await program(argv[2])).parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function endOfReading(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/**
 * What nobody caught, ours or a module's of the user's. Node would end the process with 1, which here means that a property
 * was violated. A command that can end in order listens too, and does.
 */
function tellUncaught(error: unknown): void {
  process.stderr.write(`doubletake: an error that nobody caught: ${stackOf(error)}\n`);
  const endsInOrder = process.listenerCount("uncaughtException") > 1;
  if (!endsInOrder) process.exit(exitCodes.defect);
}

/** With the command that is asked for; with all of them where it is none, for the help. */
async function program(name: string | undefined): Promise<Command> {
  const root = new Command("doubletake")
    .description("Proves that no two workers ever get the same job, and shows what that costs.")
    .version(packageVersion())
    .showHelpAfterError("(doubletake --help lists the commands)");
  const wanted = Object.hasOwn(commands, name ?? "") ? commands[name ?? ""] : undefined;
  const loading = wanted === undefined ? Object.values(commands) : [wanted];
  for (const load of loading) root.addCommand((await load())());
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
