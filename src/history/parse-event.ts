import { eventTypes, noteOperations, operations } from "./event.ts";
import type { EventType, Operation } from "./event.ts";
import type { NewEvent } from "./event-table.ts";
import { detailSchemas } from "./schema.ts";

export type ParsedLine =
  /** `number` is the event's `i`; null where the line has none. */
  | { readonly kind: "event"; readonly event: NewEvent; readonly number: number | null }
  | { readonly kind: "unknown operation"; readonly op: string }
  | { readonly kind: "invalid"; readonly problem: string };

/**
 * One line of a history, JSON already read. By hand and not by the schema of `schema.ts`, which says the same: at ten
 * million lines the schema takes minutes. A test holds the two against each other.
 */
export function parseEvent(line: unknown): ParsedLine {
  if (typeof line !== "object" || line === null || Array.isArray(line)) {
    return invalid("the line is not a JSON object");
  }
  const fields = line as Readonly<Record<string, unknown>>;
  if (typeof fields["op"] !== "string") return invalid(`"op" must be a text`);
  if (!knownOperations.has(fields["op"])) return { kind: "unknown operation", op: fields["op"] };
  const problem = problemOf(fields);
  if (problem !== undefined) return invalid(problem);
  const event = {
    t: fields["t"] as number,
    op: fields["op"] as Operation,
    type: fields["type"] as EventType,
    bot: (fields["bot"] ?? undefined) as number | undefined,
    job: (fields["job"] ?? undefined) as number | undefined,
    attempt: (fields["attempt"] ?? undefined) as number | undefined,
    code: (fields["code"] ?? undefined) as string | undefined,
    detail: fields["detail"] ?? undefined,
  };
  return { kind: "event", event, number: (fields["i"] ?? null) as number | null };
}

const knownOperations: ReadonlySet<string> = new Set(operations);
const knownTypes: ReadonlySet<unknown> = new Set(eventTypes);

const notes: ReadonlySet<unknown> = new Set(noteOperations);

const largestInt32 = 2 ** 31 - 1;

function problemOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  const { i, t, op, type, bot, job, attempt, code, detail } = fields;
  if (typeof t !== "number") return `"t" must be a number of nanoseconds`;
  if (!knownTypes.has(type)) return `"type" is one of ${eventTypes.join(", ")}`;
  if (notes.has(op) !== (type === "info")) return infoProblem(String(op));
  if (!isIndex(i, Number.MAX_SAFE_INTEGER)) return `"i" must be a whole number from 0`;
  if (!isIndex(bot, largestInt32)) return `"bot" must be a whole number from 0 to ${largestInt32}`;
  if (!isIndex(job, Number.MAX_SAFE_INTEGER)) return `"job" must be a whole number from 0`;
  if (!isIndex(attempt, largestInt32)) {
    return `"attempt" must be a whole number from 0 to ${largestInt32}`;
  }
  if (code !== undefined && code !== null && typeof code !== "string") {
    return `"code" must be a text`;
  }
  return detailProblem(op as Operation, detail);
}

/** Details are few: only they are left to the schema. */
function detailProblem(op: Operation, detail: unknown): string | undefined {
  if (detail === undefined || detail === null) return undefined;
  if (typeof detail !== "object" || Array.isArray(detail)) return `"detail" must be an object`;
  const parsed = detailSchemas[op]?.safeParse(detail);
  if (parsed === undefined || parsed.success) return undefined;
  const [issue] = parsed.error.issues;
  return `"detail.${issue?.path.join(".") ?? ""}": ${issue?.message ?? "not valid"}`;
}

function infoProblem(op: string): string {
  return notes.has(op)
    ? `"${op}" is always of type "info"`
    : `"${op}" cannot be of type "info": an operation that may have happened is "unknown"`;
}

/** Absent and null mean the same: other systems write null. */
function isIndex(value: unknown, largest: number): boolean {
  if (value === undefined || value === null) return true;
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= largest;
}

function invalid(problem: string): ParsedLine {
  return { kind: "invalid", problem };
}
