import { once } from "node:events";
import { Command, Option } from "commander";
import { Disposal } from "../base/disposal.ts";
import { HarnessError } from "../base/harness-error.ts";
import { drawSeed, seededRandom } from "../base/random.ts";
import { sleep } from "../base/timer.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { parseDurationMs } from "../scenario/duration.ts";
import { checkStrategy } from "../service/check-strategy.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { startServiceServer } from "../service/http/service-server.ts";
import { loadStrategy } from "../service/strategy.ts";
import type { Strategy } from "../service/strategy.ts";
import { freshTables } from "../service/tables.ts";
import { ReferenceTarget } from "../targets/reference/reference-target.ts";
import type { ReferenceTargetOptions } from "../targets/reference/reference-target.ts";

interface ServeFlags {
  readonly strategy: string;
  readonly host: string;
  readonly port: string;
  readonly postgres: string;
  readonly connections: string;
  readonly lease: string;
  readonly rescue: string;
  readonly json?: boolean;
}

const statementMs = 10_000;
const image = "postgres:18";
/** How long a failed job waits, and how often a dead one is tried again when it is redriven. */
const retry = { baseMs: 1_000, capMs: 60_000, jitter: 0.2, redriveAttempts: 5 };

/** `doubletake serve`: the reference claim service on its own, on fresh tables, until it is interrupted. */
export function serveCommand(): Command {
  return new Command("serve")
    .description("serves the reference claim service over HTTP until interrupted")
    .option("--strategy <name>", "how it claims: a name or a .sql file", "skip-locked")
    .option("--host <host>", "address to listen on; loopback unless you say otherwise", "127.0.0.1")
    .option("--port <port>", "port to listen on; 0 takes any that is free", "8080")
    .addOption(
      new Option("--postgres <server>", "embedded, docker or a postgres:// URL")
        .env("DOUBLETAKE_POSTGRES")
        .default("embedded"),
    )
    .option("--connections <number>", "connections to the database", "10")
    .option("--lease <time>", "how long a claim is good for", "30s")
    .option("--rescue <time>", "how often expired claims are returned", "1s")
    .option("--json", "print one JSON document with the URL instead of the URL")
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const strategy = loadStrategy(flags.strategy);
  const port = wholeNumber("--port", flags.port, { least: 0, most: 65_535 });
  const connections = wholeNumber("--connections", flags.connections, { least: 1, most: 1_000 });
  const leaseMs = parseDurationMs(flags.lease, "--lease");
  const rescueMs = parseDurationMs(flags.rescue, "--rescue");
  const stopping = new AbortController();
  const interrupted = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  const stop = interrupted.then(() => stopping.abort());
  const { signal } = stopping;
  await using stack = new Disposal();
  const request = { server: flags.postgres, settings: {}, image, signal };
  const postgres = stack.use(await startPostgres(request));
  const control = stack.use(new ControlDatabase(postgres.address, postgres.schema));
  const tellsAttempts = await prepareTables(control, strategy);
  const { address } = postgres;
  const service = stack.use(openService({ strategy, control, address, connections, leaseMs }));
  const front = { service, tellsAttempts: () => tellsAttempts, control, host: flags.host, port };
  const server = stack.use(await startServiceServer(front));
  const told = { url: server.url, postgres: postgres.description, strategy: strategy.name };
  process.stdout.write(flags.json === true ? `${JSON.stringify(told)}\n` : `${told.url}\n`);
  await rescueAgainAndAgain(service, rescueMs, signal);
  await stop;
}

function openService(
  parts: Pick<ReferenceTargetOptions, "strategy" | "control" | "address" | "leaseMs"> & {
    readonly connections: number;
  },
): ReferenceTarget {
  return new ReferenceTarget({
    ...parts,
    bots: parts.connections,
    statementMs,
    retry: { ...retry, random: seededRandom(drawSeed(), "retry") },
    onConnection: () => undefined,
  });
}

/** Returns expired claims until `signal` aborts; one that fails is tried again at the next time. */
async function rescueAgainAndAgain(
  service: ReferenceTarget,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, signal);
    if (!signal.aborted) await service.rescue();
  }
}

/** Whether the strategy tells bots their attempts. */
async function prepareTables(control: ControlDatabase, strategy: Strategy): Promise<boolean> {
  await freshTables(control, { constraints: true, strategy });
  return (await checkStrategy(control, strategy)).has("attempt");
}

function wholeNumber(
  flag: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  const what = `"${text}" is not a whole number from ${least} to ${most}`;
  throw new HarnessError({
    kind: "usage",
    what,
    where: flag,
    hint: `for example ${flag} ${least}`,
  });
}
