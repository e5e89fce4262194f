import { z } from "zod";
import { assert } from "../base/assert.ts";
import { durationMs, positiveDurationMs } from "./duration.ts";
import { faultCondition, grantedClaims } from "./fault-trigger.ts";
import type { FaultCatalogue, FaultKind } from "./fault-catalogue.ts";
import { allowedHint } from "./nearest.ts";
import type { Finding, Path } from "./problem.ts";
import type { FaultSchedule, FaultSpec } from "./scenario.ts";
import { checkAgainst } from "./schema-findings.ts";
import type { Checked } from "./schema-findings.ts";

/** What decides besides the time, for every fault. */
const triggerShape = {
  after: grantedClaims
    .optional()
    .describe("Injected once so many claims were granted, in place of a time: 100 claims"),
  when: faultCondition
    .optional()
    .describe(
      "Waits from its moment on until this holds: mid-transaction, waiting-for-lock, idle (every bot), 5 claims in flight",
    ),
  probability: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe("Of each moment to be taken at all, drawn from the seed; 1"),
  only: z.enum(["subjects", "controls"]).optional().describe("The rounds that meet it; all"),
};

/** When a fault that lasts is there. */
const spanShape = {
  from: durationMs.optional().describe("When it is injected, from the start of the load; 0s"),
  to: durationMs.optional().describe("When it is healed; the end of the load"),
  for: positiveDurationMs.optional().describe("Healed so long after its injection, instead of to"),
  ...repetitionShape(),
  ...triggerShape,
};

/** When a fault that is a moment happens. */
const instantShape = {
  at: durationMs.optional().describe("When it happens, once"),
  ...repetitionShape(),
  from: durationMs.optional().describe("With `every`: when the first interval begins; 0s"),
  to: durationMs.optional().describe("With `every`: no more after this; the end of the load"),
  ...triggerShape,
};

function repetitionShape() {
  return {
    every: positiveDurationMs.optional().describe("Happens again and again, first after this time"),
    jitter: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe("Part of `every` by which each moment is shifted at random, 0 to 1"),
  };
}

/** Every key of a time; which of them a kind of fault may have is told apart from what is no time at all. */
const timesSchema = z.strictObject({ ...instantShape, for: spanShape.for });
type Times = z.output<typeof timesSchema>;
const commonKeys = new Set(["fault", ...Object.keys(timesSchema.shape)]);

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
  const times = checkAgainst(timesSchema, common, { path });
  const alsoAllowed = ["fault", ...Object.keys(timesOf(kind))];
  const settings = checkAgainst(kind.settings.strict(), own, { path, alsoAllowed });
  const findings = [
    ...(times.ok ? scheduleFindings(times.value, path, kind) : times.findings),
    ...(settings.ok ? [] : settings.findings),
  ];
  if (!times.ok || !settings.ok || findings.length > 0) return { ok: false, findings };
  const schedule = toSchedule(times.value);
  const { moment, needsBots } = kind;
  const needs = needsBots === undefined ? {} : { needsBots };
  return { ok: true, value: { kind: name, settings: settings.value, moment, ...needs, schedule } };
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

function toSchedule(times: Times): FaultSchedule {
  const { at, from, to, every, jitter, after, when, probability, only } = times;
  return {
    fromMs: at ?? from ?? 0,
    toMs: to ?? null,
    everyMs: every ?? null,
    jitter: jitter ?? 0,
    ...(times.for === undefined ? {} : { forMs: times.for }),
    ...(after === undefined ? {} : { afterClaims: after }),
    ...(when === undefined ? {} : { when }),
    ...(probability === undefined ? {} : { probability }),
    ...(only === undefined ? {} : { only }),
  };
}

/** Times that contradict each other, or that this kind of fault cannot have. */
function scheduleFindings(times: Times, path: Path, { moment }: FaultKind): Finding[] {
  const findings: Finding[] = [];
  const given = (key: keyof Times): boolean => times[key] !== undefined;
  const add = (key: keyof Times, what: string, hint: string): void => {
    if (given(key)) findings.push({ path: [...path, key], at: "key", what, hint });
  };
  if (moment === "span") addSpanFindings(given, add);
  else addInstantFindings(given, add);
  if (given("after")) {
    const hint = "a fault comes at a time or after so many claims: keep one or the other";
    for (const key of ["at", "from", "every"] as const)
      add(key, `"${key}" contradicts "after"`, hint);
  }
  if (!given("every")) {
    add("jitter", '"jitter" has no effect without "every"', "add every, or remove jitter");
  }
  if (times.to !== undefined && times.to <= (times.from ?? 0)) {
    add("to", '"to" is not after "from"', "give the fault some time: to must be later than from");
  }
  return findings;
}

type Given = (key: keyof Times) => boolean;
type Add = (key: keyof Times, what: string, hint: string) => void;

function addSpanFindings(given: Given, add: Add): void {
  const hint = "a fault that lasts is injected once: write from and to";
  add("at", '"at" is for faults that are a moment', hint);
  if (!given("for")) {
    const lacking = "say how long it stands each time: for: 200ms";
    add("every", '"every" needs "for", since this fault lasts', lacking);
  } else if (!given("every")) {
    add("to", '"to" contradicts "for"', "both say when it ends: keep one or the other");
  }
}

function addInstantFindings(given: Given, add: Add): void {
  add("for", '"for" is for faults that last', "this fault is over as soon as it is injected");
  if (given("at")) {
    const hint = "at is one moment; every, from and to make many: keep one or the other";
    for (const key of ["every", "from", "to"] as const) add(key, `"${key}" contradicts "at"`, hint);
  } else if (!given("every")) {
    add("to", '"to" has no effect without "every"', "a moment has no end: add every, or remove to");
  }
}
