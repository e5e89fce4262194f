import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { monotonicMs, startClock } from "../base/clock.ts";
import { seededRandom } from "../base/random.ts";
import { Span } from "../base/span.ts";
import { Bot } from "../bots/bot.ts";
import { LocalCrew } from "../bots/crew.ts";
import { drain } from "../bots/load/drain.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { EventTable } from "../history/event-table.ts";
import { foreignHeader } from "../history/foreign-header.ts";
import { createRecorder } from "../history/recorder.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { Lifecycle } from "../service/lifecycle.ts";
import { loadStrategy } from "../service/strategy.ts";
import { enqueue, freshTables, registerBots, settleTables } from "../service/tables.ts";
import { ReferenceTarget } from "../targets/reference/reference-target.ts";

/**
 * `npm run bench:scale [-- bots:jobs …]`: how time and memory grow with jobs and with bots. Each size is claimed, started
 * and completed to the last job by a process of its own, its history written to a file, so that its peak memory is its
 * own. Fsync is off: what is asked is what doubletake takes, not the disk.
 */
const usual = ["20:1000", "20:10000", "20:100000", "10:10000", "100:10000", "1000:10000"];
/** Above this the server would need a process for each bot: they share connections instead. */
const mostConnections = 100;
const longestMs = 3_600_000;
/** Jobs are added by statements of so many. */
const enqueueAtOnce = 10_000;

interface Measurement {
  readonly claimsPerSecond: number;
  readonly seconds: number;
  readonly cpuMicrosPerJob: number;
  readonly peakMegabytes: number;
  readonly bytesPerEvent: number;
}

const [mode, ...sizes] = process.argv.slice(2);
if (mode === "--measure") process.send?.(await measure(...parse(sizes[0] ?? "")));
else await printTable(mode === undefined ? usual : [mode, ...sizes]);

function parse(size: string): [bots: number, jobs: number] {
  const [bots = 0, jobs = 0] = size.split(":").map(Number);
  return [bots, jobs];
}

async function printTable(all: readonly string[]): Promise<void> {
  process.stdout.write(
    "bots      jobs    time     jobs/s   CPU/job   peak memory   growth/event\n",
  );
  for (const size of all) {
    const [bots, jobs] = parse(size);
    const measured = await inChild(size);
    const { seconds, claimsPerSecond, cpuMicrosPerJob, peakMegabytes, bytesPerEvent } = measured;
    const columns = [
      String(bots).padStart(4),
      jobs.toLocaleString("en").padStart(9),
      `${seconds.toFixed(1)} s`.padStart(7),
      claimsPerSecond.toFixed(0).padStart(10),
      `${cpuMicrosPerJob.toFixed(0)} µs`.padStart(9),
      `${peakMegabytes.toFixed(0)} MB`.padStart(13),
      `${bytesPerEvent.toFixed(0)} B`.padStart(14),
    ];
    process.stdout.write(`${columns.join(" ")}\n`);
  }
}

function inChild(size: string): Promise<Measurement> {
  const child = fork(fileURLToPath(import.meta.url), ["--measure", size]);
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as Measurement));
    child.once("exit", (code) => reject(new Error(`measuring ${size} ended with ${code}`)));
  });
}

async function measure(bots: number, jobs: number): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), "doubletake-bench-"));
  try {
    const settings = { fsync: "off", max_connections: String(mostConnections + 20) };
    await using server = await startPostgres({ server: "embedded", settings, image: "" });
    await using control = new ControlDatabase(server.address, server.schema);
    await freshTables(control, { constraints: true });
    await registerBots(control, new Lifecycle(), bots);
    for (let added = 0; added < jobs; added += enqueueAtOnce) {
      await enqueue(control, new Lifecycle(), Math.min(enqueueAtOnce, jobs - added));
    }
    await settleTables(control);
    await using target = new ReferenceTarget({
      strategy: loadStrategy("skip-locked"),
      control,
      address: server.address,
      bots,
      connections: bots <= mostConnections ? "per-bot" : mostConnections,
      statementMs: 60_000,
      leaseMs: 60_000,
      onConnection: () => undefined,
    });
    return await drainAll(target, { bots, jobs, folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function drainAll(
  target: ReferenceTarget,
  { bots, jobs, folder }: { readonly bots: number; readonly jobs: number; readonly folder: string },
): Promise<Measurement> {
  const clock = startClock();
  const file = join(folder, "history.ndjson");
  const header = foreignHeader(file, new EventTable());
  await using recorder = createRecorder({ file, header, clock });
  const record = (event: Parameters<typeof recorder.record>[0]): void =>
    void recorder.record(event);
  const random = seededRandom(1, "scale");
  const all = Array.from(
    { length: bots },
    (_, index) => new Bot({ id: index + 1, target, record, workMs: 0, random }),
  );
  using span = new Span({ deadlineMs: longestMs });
  for (const bot of all) await bot.connect(span.signal);
  const rssBefore = process.memoryUsage.rss();
  const cpuBefore = process.cpuUsage();
  const fromMs = monotonicMs();
  await drain({ kind: "drain" }, { crew: new LocalCrew(all), signal: span.signal });
  const seconds = (monotonicMs() - fromMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  await recorder.flush();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return {
    seconds,
    claimsPerSecond: jobs / seconds,
    cpuMicrosPerJob: (cpu.user + cpu.system) / jobs,
    peakMegabytes: peakBytes / 1e6,
    bytesPerEvent: Math.max(0, peakBytes - rssBefore) / recorder.table.length,
  };
}
