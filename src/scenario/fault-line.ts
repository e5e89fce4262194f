import { z } from "zod";
import { assert } from "../base/assert.ts";
import { durationMs, positiveDurationMs } from "./duration.ts";
import type { FaultCatalogue, FaultKind } from "./fault-catalogue.ts";
import { allowedHint } from "./nearest.ts";
import type { Finding, Path } from "./problem.ts";
import type { FaultSchedule, FaultSpec } from "./scenario.ts";
import { checkAgainst } from "./schema-findings.ts";
import type { Checked } from "./schema-findings.ts";

/** When a fault that lasts is there. */
const spanShape = {
  from: durationMs.optional().describe("When it is injected, from the start of the load; 0s"),
  to: durationMs.optional().describe("When it is healed; the end of the load"),
};

/** When a fault that is a moment happens. */
const instantShape = {
  at: durationMs.optional().describe("When it happens, once"),
  every: positiveDurationMs.optional().describe("Happens again and again, first after this time"),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Part of `every` by which each moment is shifted at random, 0 to 1"),
  from: durationMs.optional().describe("With `every`: when the first interval begins; 0s"),
  to: durationMs.optional().describe("With `every`: no more after this; the end of the load"),
};

const commonKeys = new Set(["fault", ...Object.keys(instantShape)]);
const instantSchedule = z.strictObject(instantShape);
type Times = z.output<typeof instantSchedule>;

type UnplacedFault = Omit<FaultSpec, "position">;

/**
 * One line of `faults:`: the common keys are read here, the others by the schema of the fault itself. Its findings
 * are those of this line alone; what needs the rest of the scenario is looked at in `combinations.ts`.
 */
export function readFaultLine(
  line: Readonly<Record<string, unknown>>,
  path: Path,
  catalogue: FaultCatalogue,
): Checked<UnplacedFault> {
  const name = line["fault"];
  if (typeof name !== "string" || !Object.hasOwn(catalogue, name)) {
    return { ok: false, findings: [unknownFault(name, path, catalogue)] };
  }
  const kind = catalogue[name] as FaultKind;
  const { common, own } = split(line);
  const times = checkAgainst(instantSchedule, common, { path });
  const alsoAllowed = ["fault", ...Object.keys(timesOf(kind))];
  const settings = checkAgainst(kind.settings.strict(), own, { path, alsoAllowed });
  const findings = [
    ...(times.ok ? scheduleFindings(times.value, path, kind) : times.findings),
    ...(settings.ok ? [] : settings.findings),
  ];
  if (!times.ok || !settings.ok || findings.length > 0) return { ok: false, findings };
  const schedule = toSchedule(times.value);
  const { moment } = kind;
  return { ok: true, value: { kind: name, settings: settings.value, moment, schedule } };
}

/** The schema of a line for editors: one form per fault. */
export function faultLineSchema(catalogue: FaultCatalogue): z.ZodType {
  const forms = Object.entries(catalogue).map(([name, { summary, settings, moment }]) => {
    const own = settings.shape;
    const taken = Object.keys(own).filter((key) => commonKeys.has(key));
    assert(taken.length === 0, `fault ${name} does not redefine ${taken.join(", ")}`);
    const form = { fault: z.literal(name), ...own, ...timesOf({ moment }) };
    return z.strictObject(form).describe(summary);
  });
  const [first, ...others] = forms;
  return first === undefined ? z.never() : z.discriminatedUnion("fault", [first, ...others]);
}

function timesOf({ moment }: Pick<FaultKind, "moment">): z.ZodRawShape {
  return moment === "span" ? spanShape : instantShape;
}

function unknownFault(name: unknown, path: Path, catalogue: FaultCatalogue): Finding {
  const known = Object.keys(catalogue);
  const place = { path: [...path, "fault"] };
  const hint = typeof name === "string" ? allowedHint(name, known) : `faults: ${known.join(", ")}`;
  if (name === undefined) return { ...place, what: 'missing key "fault"', hint };
  if (typeof name !== "string") return { ...place, what: "expected the name of a fault", hint };
  return { ...place, what: `unknown fault "${name}"`, hint };
}

function split(line: Readonly<Record<string, unknown>>): {
  common: Record<string, unknown>;
  own: Record<string, unknown>;
} {
  const entries = Object.entries(line).filter(([key]) => key !== "fault");
  return {
    common: Object.fromEntries(entries.filter(([key]) => commonKeys.has(key))),
    own: Object.fromEntries(entries.filter(([key]) => !commonKeys.has(key))),
  };
}

function toSchedule({ at, from, to, every, jitter }: Times): FaultSchedule {
  return {
    fromMs: at ?? from ?? 0,
    toMs: to ?? null,
    everyMs: every ?? null,
    jitter: jitter ?? 0,
  };
}

/** Times that contradict each other, or that this kind of fault cannot have. */
function scheduleFindings(times: Times, path: Path, { moment }: FaultKind): Finding[] {
  const findings: Finding[] = [];
  const add = (key: keyof Times, what: string, hint: string): void => {
    findings.push({ path: [...path, key], at: "key", what, hint });
  };
  const given = (key: keyof Times): boolean => times[key] !== undefined;

  if (moment === "span") {
    const hint = "a fault that lasts is injected once: write from and to";
    if (given("at")) add("at", '"at" is for faults that are a moment', hint);
    if (given("every")) add("every", '"every" is for faults that are a moment', hint);
  } else if (given("at")) {
    const others = (["every", "from", "to"] as const).filter(given);
    const hint = "at is one moment; every, from and to make many: keep one or the other";
    for (const key of others) add(key, `"${key}" contradicts "at"`, hint);
  } else if (given("to") && !given("every")) {
    add("to", '"to" has no effect without "every"', "a moment has no end: add every, or remove to");
  }
  if (given("jitter") && !given("every")) {
    add("jitter", '"jitter" has no effect without "every"', "add every, or remove jitter");
  }
  const from = times.from ?? 0;
  if (times.to !== undefined && times.to <= from) {
    add("to", '"to" is not after "from"', "give the fault some time: to must be later than from");
  }
  return findings;
}
