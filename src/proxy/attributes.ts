import { unreachable } from "../base/assert.ts";

/** The value of a toxic's attribute, as JSON carries it. */
export type AttributeValue = number | string;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One attribute of a toxic type; the unit is in the type's own documentation, as in Toxiproxy. */
export type AttributeSpec =
  | {
      readonly kind: "integer";
      readonly name: string;
      readonly initial: number;
      readonly min?: number;
    }
  | { readonly kind: "fraction"; readonly name: string; readonly initial: number }
  | { readonly kind: "text"; readonly name: string; readonly initial: string }
  | {
      readonly kind: "choice";
      readonly name: string;
      readonly initial: string;
      readonly of: readonly string[];
    };

/** Any whole number, 0 unless given: what every attribute of Toxiproxy's own toxics is. */
export function integer(name: string): AttributeSpec {
  return { kind: "integer", name, initial: 0 };
}

/** Zero or more: a negative value is refused. */
export function count(name: string): AttributeSpec {
  return { kind: "integer", name, initial: 0, min: 0 };
}

export function initialAttributes(specs: readonly AttributeSpec[]): Attributes {
  return Object.fromEntries(specs.map((spec) => [spec.name, spec.initial]));
}

/** Why `value` cannot be the attribute; undefined when it can. */
export function attributeProblem(spec: AttributeSpec, value: unknown): string | undefined {
  switch (spec.kind) {
    case "integer":
      return integerProblem(spec, value);
    case "fraction":
      return fractionProblem(spec.name, value);
    case "text":
      return typeof value === "string" ? undefined : mismatch(value, spec.name, "string");
    case "choice":
      return choiceProblem(spec, value);
    default:
      return unreachable(spec);
  }
}

function integerProblem(
  { name, min }: { readonly name: string; readonly min?: number },
  value: unknown,
): string | undefined {
  // Toxiproxy's attributes are int64.
  const fits = typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
  if (!fits) return mismatch(value, name, "int64");
  return min !== undefined && value < min ? `${name} must not be less than ${min}` : undefined;
}

function fractionProblem(name: string, value: unknown): string | undefined {
  if (typeof value !== "number") return mismatch(value, name, "float64");
  return value >= 0 && value <= 1 ? undefined : `${name} must lie between 0 and 1`;
}

function choiceProblem(
  { name, of }: { readonly name: string; readonly of: readonly string[] },
  value: unknown,
): string | undefined {
  if (typeof value !== "string") return mismatch(value, name, "string");
  return of.includes(value) ? undefined : `${name} must be one of ${of.join(", ")}`;
}

/** In the words of Go's encoding/json, which clients of Toxiproxy know. */
function mismatch(value: unknown, name: string, wanted: string): string {
  const found = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  const detail = found === "number" ? `number ${String(value)}` : found;
  return `json: cannot unmarshal ${detail} into Go struct field .attributes.${name} of type ${wanted}`;
}
