import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Command } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import { readHistory } from "../history/reader.ts";
import { formats } from "../report/formats.ts";
import type { FormatName } from "../report/formats.ts";
import type { FormattedHistory } from "../report/format.ts";
import { readResult } from "../report/read.ts";
import type { RunResult } from "../report/result.ts";
import { writeFiles, writeReports } from "../report/write.ts";
import type { ReportFiles } from "../report/write.ts";
import { printResult } from "./answer.ts";

interface ReportFlags {
  readonly format?: string;
  readonly out?: string;
  readonly json?: boolean;
}

const names = Object.keys(formats) as FormatName[];

export function reportCommand(): Command {
  return new Command("report")
    .description("renders the reports of an old run again")
    .argument("<run folder>", "such as reports/latest; or a result.json")
    .option(
      "--format <names>",
      `one of ${names.join(", ")}; several with commas, or all. One is printed; several are written`,
    )
    .option("--out <folder>", "write there, and not into the run folder or to stdout")
    .option("--json", "the same as --format json")
    .action(report);
}

async function report(path: string, { format, out, json }: ReportFlags): Promise<void> {
  const result = await readResult(path);
  const wanted = json ? (["json"] as const) : formatNames(format);
  if (wanted !== undefined) await renderWanted(path, result, { wanted, out });
  else await renderAgain(path, result, out);
}

/** What every run leaves: into its folder, or for a result.json that lies alone to stdout only. */
async function renderAgain(path: string, result: RunResult, out?: string): Promise<void> {
  const folder = out ?? (isFile(path) ? undefined : path);
  if (folder !== undefined) await writeReports(folder, result);
  printResult(result, folder);
}

async function renderWanted(
  path: string,
  result: RunResult,
  { wanted, out }: { readonly wanted: readonly FormatName[]; readonly out: string | undefined },
): Promise<void> {
  const files = await render(path, result, wanted);
  if (out === undefined && wanted.length === 1) {
    await print(files);
    return;
  }
  const folder = out ?? (isFile(path) ? undefined : path);
  if (folder === undefined) {
    const what = "several formats of a file have no folder to go to";
    throw new HarnessError({ kind: "usage", what, where: path, hint: "name one with --out DIR" });
  }
  const written = await writeFiles(folder, files);
  process.stdout.write(`${written.join("\n")}\n`);
}

async function render(
  path: string,
  result: RunResult,
  wanted: readonly FormatName[],
): Promise<ReportFiles> {
  const needsHistory = wanted.some((name) => formats[name].kind === "history");
  const history = needsHistory ? await recordedHistory(path, wanted) : undefined;
  const files = wanted.map((name): ReportFiles => {
    const format = formats[name];
    if (format.kind === "result") return format.render(result);
    return history === undefined ? {} : format.render(history);
  });
  return Object.assign({}, ...files) as ReportFiles;
}

async function recordedHistory(
  path: string,
  wanted: readonly FormatName[],
): Promise<FormattedHistory> {
  if (!isFile(path)) return await readHistory(path);
  const needing = wanted.filter((name) => formats[name].kind === "history").join(", ");
  const what = `${needing} has a line for each operation, and a result.json has none`;
  const hint = "name the run folder, which holds history.ndjson";
  throw new HarnessError({ kind: "usage", what, where: basename(path), hint });
}

/** Several files of one format one after the other; nothing where the run has nothing to say in it. */
async function print(files: ReportFiles): Promise<void> {
  for (const content of Object.values(files)) {
    if (typeof content === "string") process.stdout.write(content);
    else await printPieces(content);
  }
}

async function printPieces(pieces: Iterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), process.stdout, { end: false });
  } catch (error) {
    // Who read it, `head` for one, has had enough.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
}

/** Undefined: none was asked for. */
function formatNames(text: string | undefined): readonly FormatName[] | undefined {
  if (text === undefined) return undefined;
  if (text === "all") return names;
  const wanted = [...new Set(text.split(",").map((name) => name.trim()))];
  const stranger = wanted.find((name) => !names.some((known) => known === name));
  if (stranger === undefined) return wanted as FormatName[];
  throw new HarnessError({
    kind: "usage",
    what: `"${stranger}" is not a format`,
    where: "--format",
    hint: `known are ${names.join(", ")}, and all`,
  });
}

function isFile(path: string): boolean {
  return path.endsWith(".json");
}
