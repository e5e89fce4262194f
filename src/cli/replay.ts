import { Command } from "commander";
import { Disposal } from "../base/disposal.ts";
import { isCrashable } from "../environment/postgres/embedded.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { readCounterexample } from "../explore/counterexample/counterexample-file.ts";
import { counterexampleText } from "../explore/counterexample/counterexample-text.ts";
import { claimerOf, hasChanged } from "../explore/counterexample/recorded-claimer.ts";
import { replay } from "../explore/replay.ts";
import type { Replay } from "../explore/replay.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { exitCodes } from "./exit-code.ts";

interface ReplayFlags {
  readonly postgres: string;
  readonly json?: boolean;
}

/** A step that takes longer, without waiting for another bot, is given up. */
const stepMs = 5_000;

export function replayCommand(): Command {
  return new Command("replay")
    .description("carries out one recorded schedule again, step by step")
    .argument("<counterexample>", "a file that `doubletake explore` wrote")
    .option("--postgres <server>", "embedded, docker or a postgres:// URL", "embedded")
    .option("--json", "print one JSON document, and nothing else, on stdout")
    .action(replayFile);
}

async function replayFile(file: string, flags: ReplayFlags): Promise<void> {
  const recorded = readCounterexample(file);
  claimerOf(recorded);
  if (hasChanged(recorded)) {
    const { reference } = recorded.strategy;
    process.stderr.write(`doubletake: ${reference} has changed since this was recorded\n`);
  }
  await using stack = new Disposal();
  const postgres = stack.use(
    await startPostgres({ server: flags.postgres, settings: {}, image: "postgres:18" }),
  );
  const control = stack.use(new ControlDatabase(postgres.address, postgres.schema));
  const result = await replay(recorded, {
    address: postgres.address,
    control,
    stepMs,
    server: isCrashable(postgres) ? postgres : undefined,
  });
  const exitCode = exitCodeOf(result);
  process.exitCode = exitCode;
  const { divergence, again, tries } = result;
  if (flags.json) {
    const document = { schema: 1, exitCode, divergence, tries, again };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else process.stdout.write(`${counterexampleText(again)}${endText(result)}\n`);
}

/** Broken is broken, whichever way it went; a schedule that went another way and broke nothing proves nothing. */
function exitCodeOf({ again, divergence }: Replay): number {
  if (again.broken.length > 0) return exitCodes.violated;
  return divergence === null ? exitCodes.passed : exitCodes.inconclusive;
}

function endText({ divergence, again, tries }: Replay): string {
  if (divergence === null) {
    const broken =
      again.broken.length > 0 ? "and breaks the same again" : "and breaks nothing any more";
    return `the schedule went as it was recorded, ${broken}`;
  }
  const { step, expected, happened } = divergence;
  return `the schedule went another way in step ${step}, also when tried ${tries} times\n  recorded: ${expected}\n  happened: ${happened}`;
}
