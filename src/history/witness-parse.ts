import { changeKinds } from "./witness-change.ts";
import type { NewChange, RoundNote } from "./witness-change.ts";

export type ParsedWitnessLine =
  /** `number` is the change's `n`. */
  | { readonly kind: "change"; readonly change: NewChange; readonly number: number }
  | { readonly kind: "round"; readonly note: RoundNote }
  /** Of something that this version does not know. */
  | { readonly kind: "unknown subject"; readonly of: string }
  | { readonly kind: "invalid"; readonly problem: string };

type Fields = Readonly<Record<string, unknown>>;

/**
 * One line of a witness after its header, JSON already read. By hand and not by the schema of `witness-schema.ts`,
 * which says the same, for the reason that events are. A test holds the two against each other.
 */
export function parseWitnessLine(line: unknown): ParsedWitnessLine {
  if (typeof line !== "object" || line === null || Array.isArray(line)) {
    return invalid("the line is not a JSON object");
  }
  const fields = line as Fields;
  const { of } = fields;
  if (typeof of !== "string") return invalid(`"of" must be a text`);
  if (of === "round") return parseNote(fields);
  const rules = of in changeRules ? changeRules[of as keyof typeof changeRules] : undefined;
  if (rules === undefined) return { kind: "unknown subject", of };
  const problem = firstProblem(fields, committedRules) ?? firstProblem(fields, rules);
  if (problem !== undefined) return invalid(problem);
  return { kind: "change", change: changeOf(fields), number: fields["n"] as number };
}

const largestInt32 = 2 ** 31 - 1;

interface Rule {
  readonly key: string;
  readonly holds: (value: unknown) => boolean;
  readonly must: string;
}

const index = (key: string): Rule => ({
  key,
  holds: (value) => isWhole(value) && value >= 0,
  must: "be a whole number from 0",
});
/** Ids and counts of rows may be below zero: faults put such rows there. */
const id = (key: string): Rule => ({ key, holds: isWhole, must: "be a whole number" });
const int32 = (key: string): Rule => ({
  key,
  holds: (value) => isWhole(value) && Math.abs(value) <= largestInt32,
  must: `be a whole number of at most ${largestInt32}`,
});
const orNull = (rule: Rule): Rule => ({
  key: rule.key,
  holds: (value) => value === null || rule.holds(value),
  must: `${rule.must}, or null`,
});
const kind: Rule = {
  key: "kind",
  holds: (value) => (changeKinds as readonly unknown[]).includes(value),
  must: `be one of ${changeKinds.join(", ")}`,
};
const text = (key: string): Rule => ({
  key,
  holds: (value) => typeof value === "string",
  must: "be a text",
});
const time: Rule = {
  key: "at",
  holds: (value) => value === null || typeof value === "number",
  must: "be a number of nanoseconds, or null",
};

const timeOrAbsent = (key: string): Rule => ({
  key,
  holds: (value) => value === undefined || typeof value === "number",
  must: "be a number of nanoseconds, or absent",
});

const committedRules: readonly Rule[] = [index("n"), index("round"), index("xid"), time];
const changeRules = {
  job: [
    kind,
    id("job"),
    orNull(text("status")),
    orNull(id("bot")),
    orNull(int32("attempt")),
    timeOrAbsent("leaseUntil"),
    timeOrAbsent("dueAt"),
  ],
  bot: [kind, id("bot"), orNull(id("job"))],
  effect: [id("job"), int32("attempt"), id("bot"), int32("value")],
} as const satisfies Readonly<Record<NewChange["of"], readonly Rule[]>>;

const noteRules: readonly Rule[] = [
  index("round"),
  index("changes"),
  { key: "isWhole", holds: (value) => typeof value === "boolean", must: "be true or false" },
  {
    key: "uncertaintyNs",
    holds: (value) => value === null || (typeof value === "number" && value >= 0),
    must: "be a number of nanoseconds, or null",
  },
];

function parseNote(fields: Fields): ParsedWitnessLine {
  const problem = firstProblem(fields, noteRules);
  if (problem !== undefined) return invalid(problem);
  return { kind: "round", note: fields as unknown as RoundNote };
}

function firstProblem(fields: Fields, rules: readonly Rule[]): string | undefined {
  const broken = rules.find(({ key, holds }) => !holds(fields[key]));
  return broken && `"${broken.key}" must ${broken.must}`;
}

function changeOf(fields: Fields): NewChange {
  const { n: _n, at, ...rest } = fields;
  return { ...rest, at: at ?? Number.NaN } as unknown as NewChange;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function invalid(problem: string): ParsedWitnessLine {
  return { kind: "invalid", problem };
}
