import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { collectEvidence } from "../checks/evidence.ts";
import { judgeStrategy } from "../checks/judge.ts";
import { benchHistory, benchWitness } from "./bench-history.ts";

/**
 * How fast and how frugal the checks are, for histories of 10⁴ to 10⁷ events: `npm run bench:checks`, with sizes of your
 * own after `--`. Targets (DESIGN 6): at least 1,000,000 events a second over all checks together, growing linearly, and
 * at most 100 bytes an event. Each is measured without a witness and with one, whose changes count like events. Each size has a process of its own, so that its peak memory is its own.
 */
const sizes = [1e4, 1e5, 1e6, 1e7];
const fewestToWeigh = 5e5;

/** One measurement, as the child process prints it. */
interface Measurement {
  readonly events: number;
  /** Of the witness; 0: there is none. */
  readonly changes: number;
  readonly judgeMs: number;
  /** Memory that the history and its evidence hold, after a collection of garbage. */
  readonly heldBytes: number;
  /** Growth of the process at its peak, garbage and all; null where it did not grow. */
  readonly peakBytes: number;
  readonly verdicts: string;
}

const [mode, ...args] = process.argv.slice(2);
if (mode === "--measure") {
  process.stdout.write(JSON.stringify(measure(Number(args[0]), args[1] === "witness")));
} else printTable(mode === undefined ? sizes : [mode, ...args].map(Number));

function printTable(all: readonly number[]): void {
  process.stdout.write(
    "    events     changes   judged in    lines/s   held B/line   peak B/line   verdict\n",
  );
  for (const size of all) {
    for (const kind of ["alone", "witness"]) {
      process.stdout.write(`${row(measureInChild(size, kind))}\n`);
    }
  }
}

function row({ events, changes, judgeMs, heldBytes, peakBytes, verdicts }: Measurement): string {
  const lines = events + changes;
  const perSecond = Math.round((lines / judgeMs) * 1000);
  return [
    events.toLocaleString("en").padStart(10),
    changes.toLocaleString("en").padStart(10),
    `${judgeMs.toFixed(0)} ms`.padStart(10),
    perSecond.toLocaleString("en").padStart(11),
    perLine(heldBytes, lines).padStart(13),
    perLine(peakBytes, lines).padStart(13),
    `  ${verdicts}`,
  ].join("  ");
}

/** A dash where the history is so small that what else the process holds would be measured. */
function perLine(bytes: number, lines: number): string {
  return lines < fewestToWeigh ? "-" : (bytes / lines).toFixed(0);
}

function measureInChild(size: number, kind: string): Measurement {
  const self = fileURLToPath(import.meta.url);
  const output = execFileSync(process.execPath, [
    "--expose-gc",
    self,
    "--measure",
    String(size),
    kind,
  ]);
  return JSON.parse(output.toString()) as Measurement;
}

function measure(size: number, isWitnessed: boolean): Measurement {
  // A small history first, so that what is measured is compiled, as it is in a run that has gone on for a while.
  for (let warmUp = 0; warmUp < 20; warmUp++) judge(recorded(20_000, isWitnessed));
  const before = heldNow();
  const rssBefore = process.memoryUsage.rss();
  const history = recorded(size, isWitnessed);
  const first = judge(history);
  const peakBytes = Math.max(0, process.resourceUsage().maxRSS * 1024 - rssBefore);
  const heldBytes = heldNow() - before;
  const repeats = Array.from({ length: Math.min(20, Math.floor(1e7 / size)) }, () =>
    judge(history),
  );
  const times = [first, ...repeats].map(({ ms }) => ms).toSorted((left, right) => left - right);
  const judgeMs = times[times.length >>> 1] as number;
  const verdicts = [...new Set(first.verdicts)].join(", ");
  const changes = history.witness?.changes.length ?? 0;
  return { events: history.events.length, changes, judgeMs, heldBytes, peakBytes, verdicts };
}

function recorded(size: number, isWitnessed: boolean) {
  const history = benchHistory(size);
  return { ...history, witness: isWitnessed ? benchWitness(history.events) : null };
}

/** The evidence is handed out so that it is still held when memory is looked at. */
function judge({ header, events, witness }: ReturnType<typeof recorded>) {
  const startedAt = performance.now();
  const evidence = collectEvidence(header, events, witness);
  const verdicts = evidence.map((each) => judgeStrategy(each).verdict);
  return { evidence, verdicts, ms: performance.now() - startedAt };
}

function heldNow(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
