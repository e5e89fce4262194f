import { HarnessError } from "../base/harness-error.ts";
import { withDeadline } from "../base/timer.ts";
import { startToxiproxyBinary } from "../environment/toxiproxy/binary.ts";
import { startEmbeddedToxiproxy } from "../environment/toxiproxy/embedded.ts";
import type { ToxiproxyServer } from "../environment/toxiproxy/toxiproxy-server.ts";
import {
  measureInjectedLatency,
  measurePingPong,
  measureRoundTrips,
  measureThroughput,
} from "./proxy-measurements.ts";
import type { Contender, Measurement } from "./proxy-measurements.ts";
import { TrafficServers } from "./proxy-traffic.ts";

/**
 * `npm run bench:proxy`: the embedded proxy and the real Toxiproxy, measured in turns in one run, so that their ratio
 * means something on a machine that others use, too. Client and server run in this process, each proxy beside it.
 *
 * On a busy machine the tails favour the real server: it runs in a session of its own, and Linux (autogroup) gives each
 * session an equal share of the CPU, while the embedded proxy's thread shares this process's.
 */
async function main(): Promise<void> {
  await using traffic = await TrafficServers.open();
  await using servers = await startServers();
  const contenders: Contender[] = [];
  for (const server of servers.all) contenders.push(await contender(server, traffic));
  print(contenders.map(({ name }) => name));
  const all = [measureRoundTrips, measureThroughput, measurePingPong, measureInjectedLatency];
  for (const measure of all) {
    for (const measurement of await measure(contenders)) printMeasurement(measurement);
  }
}

interface Servers extends AsyncDisposable {
  readonly all: readonly ToxiproxyServer[];
}

async function startServers(): Promise<Servers> {
  const request = { server: "", image: "", seed: 1 };
  const embedded = await startEmbeddedToxiproxy(request);
  const real = await startToxiproxyBinary(request).catch((error: unknown) => {
    if (!(error instanceof HarnessError)) throw error;
    process.stderr.write(`without the real server: ${error.message}\n`);
  });
  const all = real === undefined ? [embedded] : [embedded, real];
  return {
    all,
    async [Symbol.asyncDispose]() {
      for (const server of all) await server.stop();
    },
  };
}

async function contender(server: ToxiproxyServer, traffic: TrafficServers): Promise<Contender> {
  return {
    name: server.description,
    echo: await server.createLink({ name: "echo", upstream: traffic.echo }),
    sink: await server.createLink({ name: "sink", upstream: traffic.sink }),
  };
}

function printMeasurement({ what, unit, better, values }: Measurement): void {
  const [ours, real] = values;
  const columns = values.map((value) => `${format(value)} ${unit}`);
  if (ours !== undefined && real !== undefined && unit !== "ms") {
    columns.push(`× ${(ours / real).toFixed(2)} (${better} is better)`);
  }
  print([what, ...columns]);
}

/** Three significant digits, whole numbers above 100. */
function format(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function print(columns: readonly string[]): void {
  process.stdout.write(
    `${columns
      .map((column) => column.padEnd(32))
      .join(" ")
      .trimEnd()}\n`,
  );
}

const longestMs = 240_000;
await withDeadline(main(), { ms: longestMs, what: "the benchmark" });
