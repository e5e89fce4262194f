import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startClock } from "../base/clock.ts";
import { packageRoot } from "../base/package-root.ts";
import { Span } from "../base/span.ts";
import { LocalCrew } from "../bots/crew.ts";
import type { Crew } from "../bots/crew.ts";
import { drain } from "../bots/load/drain.ts";
import { faults } from "../chaos/faults.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import type { PostgresServer } from "../environment/postgres/postgres-server.ts";
import { EventTable } from "../history/event-table.ts";
import { foreignHeader } from "../history/foreign-header.ts";
import { createRecorder } from "../history/recorder.ts";
import type { Recorder } from "../history/recorder.ts";
import { HostedCrew } from "../run/hosts/hosted-crew.ts";
import { MergedRecord } from "../run/hosts/merged-record.ts";
import { makeBots } from "../run/make-bots.ts";
import { readScenario } from "../scenario/read-scenario.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { Lifecycle } from "../service/lifecycle.ts";
import { loadStrategy } from "../service/strategy.ts";
import { enqueue, freshTables, registerBots, settleTables } from "../service/tables.ts";
import { pairedLogRatio } from "../stats/paired-log-ratio.ts";
import { lastAnswerNs, referenceTarget } from "./reference-bench.ts";

/**
 * `npm run bench:hosts [-- rounds]`: jobs claimed, started and completed a second by bots that live in two processes of
 * their own, against bots that live in this one, with the history written to a file in both. Rounds alternate A B B A.
 */
const bots = 20;
const hosts = 2;
const jobs = 4_000;
const longestMs = 300_000;
const planned = { strategy: "skip-locked", role: "subject", seed: 1 } as const;

const rounds = Number(process.argv[2] ?? 6);
const folder = mkdtempSync(join(tmpdir(), "doubletake-bench-"));
try {
  await compare();
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(): Promise<void> {
  const settings = { fsync: "off" };
  await using server = await startPostgres({ server: "embedded", settings, image: "" });
  const rates: { readonly hosted: number[]; readonly local: number[] } = { hosted: [], local: [] };
  for (let round = 0; round <= rounds; round++) {
    const sides = ["hosted", "local"] as const;
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const rate = await measure(server, side === "hosted");
      // The first pair of a server, in which files grow and caches are cold, is not counted.
      if (round > 0) rates[side].push(rate);
    }
  }
  const { ratio, low, high, pairs } = pairedLogRatio(rates.hosted, rates.local);
  process.stdout.write(
    `jobs/s, ${hosts} processes   ${shown(rates.hosted)}\njobs/s, in this one   ${shown(rates.local)}\n` +
      `ratio ${ratio?.toFixed(2)} (${low?.toFixed(2)} to ${high?.toFixed(2)}, ${pairs} pairs)\n`,
  );
}

function shown(rates: readonly number[]): string {
  return rates.map((rate) => rate.toFixed(0)).join(" ");
}

async function measure(server: PostgresServer, isHosted: boolean): Promise<number> {
  await using control = new ControlDatabase(server.address, server.schema);
  await freshTables(control, { constraints: true });
  await registerBots(control, new Lifecycle(), bots);
  await enqueue(control, new Lifecycle(), jobs);
  await settleTables(control);
  const clock = startClock();
  const file = join(folder, "history.ndjson");
  const header = foreignHeader(file, new EventTable());
  await using recorder = createRecorder({ file, header, clock });
  await using bench = isHosted
    ? await openHosted(server, control, recorder)
    : openLocal(server, control, recorder);
  using span = new Span({ deadlineMs: longestMs });
  await bench.crew.connect(span.signal);
  const from = clock.now();
  await drain({ kind: "drain" }, { crew: bench.crew, signal: span.signal });
  return jobs / ((lastAnswerNs(recorder.table) - from) / 1e9);
}

interface OpenCrew extends AsyncDisposable {
  readonly crew: Crew;
}

async function openHosted(
  server: PostgresServer,
  control: ControlDatabase,
  recorder: Recorder,
): Promise<OpenCrew> {
  const { clock } = recorder;
  const crew = new HostedCrew({
    scenario: scenarioOf(hosts),
    planned,
    environment: { botAddress: server.address, control },
    clock,
    merged: new MergedRecord((event) => void recorder.record(event), clock),
    onEvent: () => undefined,
  });
  await crew.start();
  return { crew, [Symbol.asyncDispose]: () => crew[Symbol.asyncDispose]() };
}

function openLocal(server: PostgresServer, control: ControlDatabase, recorder: Recorder): OpenCrew {
  const target = referenceTarget({
    strategy: loadStrategy(planned.strategy),
    server,
    control,
    bots,
  });
  const ids = Array.from({ length: bots }, (_, index) => index + 1);
  const record = (event: Parameters<Recorder["record"]>[0]): void => void recorder.record(event);
  const crew = new LocalCrew(makeBots({ scenario: scenarioOf(0), planned, ids, target, record }));
  return { crew, [Symbol.asyncDispose]: () => target[Symbol.asyncDispose]() };
}

function scenarioOf(processes: number): Scenario {
  const text = `name: bench
strategies: { subjects: [skip-locked] }
jobs: { count: ${jobs} }
bots: { count: ${bots}, hosts: ${processes} }
load: { kind: drain }
`;
  return readScenario({ file: join(packageRoot, "bench.yaml"), text }, faults);
}
