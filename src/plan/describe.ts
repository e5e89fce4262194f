import { unreachable } from "../base/assert.ts";
import { formatDurationMs } from "../scenario/duration.ts";
import { conditionText } from "../scenario/fault-trigger.ts";
import { stagesOf } from "../scenario/load.ts";
import type { ArrivalRate, DrawnTime, Load, Ramp } from "../scenario/load.ts";
import type { FaultSchedule, FaultSpec, Scenario } from "../scenario/scenario.ts";
import { describeWake } from "./describe-wake.ts";
import { looksOfScenario } from "./looks.ts";
import type { Plan, PlannedFault, PlannedRound } from "./plan.ts";

/** The plan as text, for `--dry-run`: what will be done, when and in which order. Holds no URL and so no secret. */
export function describePlan(plan: Plan): string {
  const { scenario, seed, rounds } = plan;
  const head = [`${scenario.name}, seed ${seed}`];
  if (scenario.description !== "") head.push(scenario.description);
  head.push(`load: ${describeLoad(scenario)}`, `each round: ${describeDeadlines(scenario)}`);
  head.push(...describeTypes(scenario), ...describeLooks(scenario));
  const expectations = scenario.expect.map(({ text }) => `  ${text}`);
  return [
    ...head,
    "",
    ...rounds.flatMap((round, index) => describeRound(round, rounds[index - 1])),
    ...(expectations.length === 0 ? [] : ["", "expected:", ...expectations]),
    "",
  ].join("\n");
}

/** "3 times", "6 to 24 times": how often each strategy plays. */
export function describeRepeat({ repeat, leastRepeat }: Scenario): string {
  if (leastRepeat !== undefined) return `${leastRepeat} to ${repeat} times`;
  return repeat === 1 ? "once" : `${repeat} times`;
}

/** "types: email 65.6 %, report 34.4 %": shares as they are, not as they were written. */
function describeTypes({ jobs: { types } }: Scenario): string[] {
  if (types === undefined) return [];
  const total = Object.values(types).reduce((sum, share) => sum + share, 0);
  const shares = Object.entries(types).map(
    ([type, share]) => `${type} ${Number(((share / total) * 100).toPrecision(3))} %`,
  );
  return [`types: ${shares.join(", ")}`];
}

/** A run that may end before the last of the rounds that are listed says when. */
function describeLooks(scenario: Scenario): string[] {
  const looks = looksOfScenario(scenario);
  if (looks === undefined) return [];
  const after = looks.after.slice(0, -1).join(", ");
  return [
    `each strategy ${describeRepeat(scenario)}: ends after ${after} if every comparison of claims/s is decided, with intervals of ${confidenceText(looks.confidence)}`,
  ];
}

/** "98.2 %" */
export function confidenceText(confidence: number): string {
  return `${Number((confidence * 100).toPrecision(3))} %`;
}

/** "drain 2000 jobs, 5ms of work each, 20 bots on a connection each". */
export function describeLoad({ load, jobs, bots, enqueue, warmUpMs = 0 }: Scenario): string {
  const connections =
    bots.connections === "per-bot"
      ? "on a connection each"
      : `on ${count(bots.connections, "shared connection")}`;
  const parts = [describeJobs(load, jobs.count)];
  if (enqueue !== undefined) {
    const until = enqueue.untilMs === null ? "" : ` for ${formatDurationMs(enqueue.untilMs)}`;
    parts.push(`${perSecond(enqueue.ratePerSecond)} added${until}`);
  }
  if (jobs.workMs > 0) parts.push(`${describeWork(jobs)} of work each`);
  parts.push(`${count(bots.count, "bot")} ${connections}`);
  if (bots.hosts !== undefined) parts.push(`in ${bots.hosts} processes of their own`);
  if (bots.think !== undefined) parts.push(`${describeTime(bots.think)} of thought between jobs`);
  if (bots.wake !== undefined) parts.push(describeWake(bots.wake));
  if (warmUpMs > 0) parts.push(`after ${formatDurationMs(warmUpMs)} of warm-up`);
  return parts.join(", ");
}

function describeWork({ work, workMs }: Scenario["jobs"]): string {
  return work === undefined ? formatDurationMs(workMs) : describeTime(work);
}

function describeTime(time: DrawnTime): string {
  switch (time.kind) {
    case "constant":
      return formatDurationMs(time.ms);
    case "uniform":
      return `${formatDurationMs(time.minMs)} to ${formatDurationMs(time.maxMs)}`;
    case "exponential":
      return `${formatDurationMs(time.meanMs)} (exponential)`;
    case "lognormal":
      return `${formatDurationMs(time.medianMs)} (lognormal, sigma ${time.sigma})`;
    default:
      return unreachable(time);
  }
}

/** "every 250ms, when mid-transaction": the schedule, then the fault's own settings. */
export function describeFault({ schedule, settings }: FaultSpec): string {
  return [describeSchedule(schedule), ...settingTexts(settings)].join(", ");
}

function describeJobs(load: Load, jobs: number): string {
  switch (load.kind) {
    case "rounds":
      return `${count(load.waves, "wave")} of ${count(jobs, "job")}`;
    case "drain":
      return `drain ${count(jobs, "job")}`;
    case "duration":
      return `${count(jobs, "job")}, claimed for ${formatDurationMs(load.forMs)}`;
    case "arrival-rate":
    case "ramp":
      return `${count(jobs, "job")}, ${describeArrivals(load)}`;
    default:
      return unreachable(load);
  }
}

function describeArrivals(load: ArrivalRate | Ramp): string {
  const stages = stagesOf(load).map(
    ({ ratePerSecond, forMs }) => `${perSecond(ratePerSecond)} for ${formatDurationMs(forMs)}`,
  );
  return `${load.arrivals} arrivals of claims, ${stages.join(", then ")}`;
}

function perSecond(rate: number): string {
  return `${rate} a second`;
}

function describeDeadlines({ deadlines }: Scenario): string {
  const { loadMs, drainMs, statementMs } = deadlines;
  const parts = { load: loadMs, drain: drainMs, "a statement": statementMs };
  return Object.entries(parts)
    .map(([what, ms]) => `${what} at most ${formatDurationMs(ms)}`)
    .join(", ");
}

function describeSchedule(schedule: FaultSchedule): string {
  const { forMs, when, probability, only } = schedule;
  return [
    describeMoments(schedule),
    ...(forMs === undefined ? [] : [`for ${formatDurationMs(forMs)}`]),
    ...(when === undefined ? [] : [`when ${conditionText(when)}`]),
    ...(probability === undefined ? [] : [`with probability ${probability}`]),
    ...(only === undefined ? [] : [`${only} only`]),
  ].join(", ");
}

function describeMoments({ fromMs, toMs, everyMs, jitter, afterClaims }: FaultSchedule): string {
  const from = formatDurationMs(fromMs);
  if (afterClaims !== undefined) return `after ${count(afterClaims, "claim")}`;
  if (everyMs === null) {
    return toMs === null ? `at ${from}` : `from ${from} to ${formatDurationMs(toMs)}`;
  }
  const shift = jitter === 0 ? "" : ` ±${Math.round(jitter * 100)}%`;
  const begin = fromMs === 0 ? "" : ` from ${from}`;
  const end = toMs === null ? "" : ` to ${formatDurationMs(toMs)}`;
  return `every ${formatDurationMs(everyMs)}${shift}${begin}${end}`;
}

function settingTexts(settings: unknown): string[] {
  if (typeof settings !== "object" || settings === null) return [];
  return Object.entries(settings).flatMap(([key, value]) => {
    const text = valueText(key, value);
    return text === "" ? [] : [text];
  });
}

/** Settings are validated data of any shape; times are those whose key ends in Ms. */
function valueText(key: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" && key.endsWith("Ms")) {
    return `${key.slice(0, -2)} ${formatDurationMs(value)}`;
  }
  if (Array.isArray(value))
    return `${key} ${value.map((item) => valueText("", item).trim()).join(" ")}`;
  if (typeof value === "object") return settingTexts(value).join(" ");
  return `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`;
}

function describeRound(round: PlannedRound, before: PlannedRound | undefined): string[] {
  const constraints = round.constraints ? "with constraints" : "without constraints";
  const twin = round.isTwin === true ? ", again, to calibrate" : "";
  const head = `round ${round.round + 1}  ${round.strategy} (${round.role}, ${constraints}), repeat ${round.repeat + 1}${twin}`;
  // Rounds of a repeat that meet the same faults do so at the same times: they are listed at the first of them.
  if (round.faults.length === 0) return [head];
  if (before?.repeat === round.repeat && idsOf(before) === idsOf(round)) {
    return [head, "  the same faults"];
  }
  return [head, ...timedLines(round.faults), ...untimedLines(round.faults)];
}

function idsOf({ faults }: PlannedRound): string {
  return faults.map(({ id }) => id).join(" ");
}

/** Faults that wait for something else than a time, and those that the seed leaves out. */
function untimedLines(faults: readonly PlannedFault[]): string[] {
  return faults.flatMap(({ id, spec, injectAtMs, afterClaims }) => {
    if (afterClaims !== undefined) {
      const text = injectionText(id, spec);
      return [`  after ${count(afterClaims, "claim")}  ${text}`];
    }
    return injectAtMs.length > 0 ? [] : [`    not drawn  inject ${id}`];
  });
}

/** Moments of one round shown one by one before the rest is only counted. */
const shownMoments = 40;

function timedLines(faults: readonly PlannedFault[]): string[] {
  const moments = faults.flatMap(faultMoments).toSorted((a, b) => a.atMs - b.atMs);
  const lines = moments
    .slice(0, shownMoments)
    .map(({ atMs, text }) => `  ${timeText(atMs).padStart(9)}  ${text}`);
  const left = moments.length - lines.length;
  return left > 0 ? [...lines, `${" ".repeat(11)}  … and ${count(left, "more moment")}`] : lines;
}

interface Moment {
  readonly atMs: number;
  readonly text: string;
}

function faultMoments({ id, spec, injectAtMs, healAtMs }: PlannedFault): Moment[] {
  const text = injectionText(id, spec);
  const heal = `heal   ${id}`;
  const { forMs } = spec.schedule;
  const moments = injectAtMs.flatMap((atMs) =>
    forMs === undefined
      ? [{ atMs, text }]
      : [
          { atMs, text },
          { atMs: atMs + forMs, text: heal },
        ],
  );
  return healAtMs === null ? moments : [...moments, { atMs: healAtMs, text: heal }];
}

/** "inject toxic-1 when 5 claims in flight: type latency". */
function injectionText(id: string, { schedule, settings }: FaultSpec): string {
  const { when, forMs, afterClaims } = schedule;
  const condition = when === undefined ? "" : ` when ${conditionText(when)}`;
  const span =
    afterClaims === undefined || forMs === undefined ? "" : ` for ${formatDurationMs(forMs)}`;
  const own = settingTexts(settings).join(", ");
  return `inject ${id}${condition}${span}${own === "" ? "" : `: ${own}`}`;
}

function timeText(ms: number): string {
  return `${(ms / 1_000).toFixed(3)}s`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
