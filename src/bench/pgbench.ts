import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { HarnessError } from "../base/harness-error.ts";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";

export interface PgbenchRun {
  /** The program, as `findPgbench` found it. */
  readonly program: string;
  readonly address: PostgresAddress;
  readonly schema: string;
  /** A script file. */
  readonly script: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly clients: number;
  readonly threads: number;
  readonly transactionsPerClient: number;
}

/** Where Debian's packages put the programs that are not on the path. */
const debianFolder = "/usr/lib/postgresql";
const longestMs = 300_000;

/** On the path, else in the newest of Debian's packages; undefined where there is none. */
export function findPgbench(
  path: string = process.env["PATH"] ?? "",
  packages: string = debianFolder,
): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  const versions = existsSync(packages) ? readdirSync(packages) : [];
  const newestFirst = versions.toSorted((one, other) => Number(other) - Number(one));
  const candidates = [...folders, ...newestFirst.map((version) => join(packages, version, "bin"))];
  return candidates.map((folder) => join(folder, "pgbench")).find((file) => existsSync(file));
}

/** Transactions a second, without the time to connect. HarnessError (environment) where pgbench does not finish its work. */
export async function runPgbench(run: PgbenchRun): Promise<number> {
  const { clients, threads, transactionsPerClient, address } = run;
  const variables = Object.entries(run.variables).map(
    ([name, value]) => `--define=${name}=${value}`,
  );
  const options = [
    `--client=${clients}`,
    `--jobs=${threads}`,
    `--transactions=${transactionsPerClient}`,
    "--protocol=prepared",
    "--no-vacuum",
    `--file=${run.script}`,
    ...variables,
    `--host=${address.host}`,
    `--port=${address.port}`,
    `--username=${address.user}`,
    address.database,
  ];
  const output = await outputOf(run, options);
  return readPgbenchRate(output, clients * transactionsPerClient);
}

/** The rate that pgbench prints. HarnessError (environment) where not all of the work was done: the rate is of less. */
export function readPgbenchRate(output: string, transactions: number): number {
  const processed = /actually processed: (\d+)/.exec(output)?.[1];
  const rate = /tps = ([\d.]+) \(without initial/.exec(output)?.[1];
  const failed = /number of failed transactions: (\d+)/.exec(output)?.[1] ?? "0";
  const isWhole = Number(processed) === transactions && failed === "0";
  if (isWhole && rate !== undefined) return Number(rate);
  const what = `pgbench did ${processed ?? "none"} of ${transactions} transactions`;
  throw new HarnessError({ kind: "environment", what, hint: output.trim().slice(-500) });
}

function outputOf(run: PgbenchRun, options: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    PGPASSWORD: run.address.password ?? "",
    PGOPTIONS: `-c search_path=${run.schema}`,
    LC_ALL: "C",
  };
  return new Promise((resolve, reject) => {
    const child = spawn(run.program, options, { env, timeout: longestMs });
    let output = "";
    const take = (bytes: Buffer): void => void (output += bytes.toString());
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("error", (cause) => {
      reject(new HarnessError({ kind: "environment", what: "pgbench cannot be run", cause }));
    });
    // What it printed is judged, whatever its exit code: it exits with 0 where clients were aborted, too.
    child.once("close", () => resolve(output));
  });
}
