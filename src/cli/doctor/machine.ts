import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { HarnessError } from "../../base/harness-error.ts";
import { startClock } from "../../base/clock.ts";
import { finding } from "./finding.ts";
import type { Finding } from "./finding.ts";

const oldestNode = [20, 19] as const;
/** A run of the default size writes a data folder of about 100 MB, and perhaps a copy of the programs of 60 MB. */
const neededMb = 200;

export function machineFindings(): Promise<Finding[]> {
  return Promise.all([
    finding({ name: "Node.js", otherwise: "failed", look: node }),
    finding({ name: "processors", otherwise: "failed", look: processors }),
    finding({ name: "clock", otherwise: "failed", look: clock }),
    finding({ name: "temporary folder", otherwise: "failed", look: temporaryFolder }),
  ]);
}

async function node(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNewEnough = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (isNewEnough) return process.version;
  throw new HarnessError({
    kind: "environment",
    what: `${process.version} is too old`,
    hint: `Node.js ${oldestNode.join(".")} or newer`,
  });
}

async function processors(): Promise<string> {
  const memoryGb = totalmem() / 2 ** 30;
  const model = cpus()[0]?.model.trim() ?? "unknown";
  return `${availableParallelism()} × ${model}, ${memoryGb.toFixed(1)} GB of memory`;
}

/** Latencies of tens of microseconds are measured, so a clock that ticks in milliseconds, or is slow, matters. */
async function clock(): Promise<string> {
  const { stepNs, readNs } = measureClock();
  const source = await readFile(
    "/sys/devices/system/clocksource/clocksource0/current_clocksource",
    "utf8",
  ).catch(() => "");
  const name = source === "" ? "" : `, clock source ${source.trim()}`;
  const text = `steps of ${stepNs} ns, ${readNs} ns to read${name}`;
  if (stepNs <= 100_000) return text;
  throw new HarnessError({ kind: "environment", what: `${text}: too coarse to measure a claim` });
}

/** The smallest step that is seen, and what one reading costs. */
function measureClock(): { readonly stepNs: number; readonly readNs: number } {
  const readings = 10_000;
  const reader = startClock();
  let stepNs = Number.POSITIVE_INFINITY;
  let last = reader.now();
  const begin = last;
  for (let i = 0; i < readings; i++) {
    const now = reader.now();
    if (now > last) stepNs = Math.min(stepNs, now - last);
    last = now;
  }
  return { stepNs, readNs: Math.round((last - begin) / readings) };
}

async function temporaryFolder(): Promise<string> {
  const { bavail, bsize } = await statfs(tmpdir()).catch((error: Error) => {
    const hint = "create it, or set TMPDIR";
    throw new HarnessError({ kind: "environment", what: error.message, where: tmpdir(), hint });
  });
  const freeMb = Math.floor((bavail * bsize) / 2 ** 20);
  const text = `${tmpdir()}, ${freeMb} MB free`;
  if (freeMb >= neededMb) return text;
  const hint = `free some space, or set TMPDIR; a run needs about ${neededMb} MB`;
  throw new HarnessError({ kind: "environment", what: text, hint });
}
