import { apiErrors } from "./reply.ts";

/** The wanted fields that the object has, and only those. */
export interface Fields {
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  fraction(name: string): number | undefined;
  object(name: string): Readonly<Record<string, unknown>> | undefined;
  list(name: string): readonly unknown[] | undefined;
}

/**
 * Reads an object as Go's encoding/json fills a struct: names without regard to case, unknown ones ignored, `null` the
 * same as absent, the last of several wins, a wrong type is a 400.
 */
export function fieldsOf(value: unknown, struct: string): Fields {
  const values = new Map<string, unknown>();
  for (const [name, given] of Object.entries(asObject(value, struct))) {
    if (given !== null) values.set(name.toLowerCase(), given);
  }
  function field<T>(name: string, wanted: string, is: (found: unknown) => found is T) {
    const found = values.get(name.toLowerCase());
    if (found === undefined || is(found)) return found;
    throw unmarshalError(found, `field ${struct}.${name} of type ${wanted}`);
  }
  return {
    text: (name) => field(name, "string", (found) => typeof found === "string"),
    flag: (name) => field(name, "bool", (found) => typeof found === "boolean"),
    fraction: (name) => field(name, "float32", (found) => typeof found === "number"),
    object: (name) => field(name, "map", isObject),
    list: (name) =>
      field(name, "slice", (found): found is readonly unknown[] => Array.isArray(found)),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asObject(value: unknown, struct: string): Readonly<Record<string, unknown>> {
  if (value === null) return {};
  if (isObject(value)) return value;
  throw unmarshalError(value, `value of type ${struct}`);
}

export function unmarshalError(found: unknown, wanted: string): Error {
  const kind = Array.isArray(found) ? "array" : typeof found;
  return apiErrors.badBody(`json: cannot unmarshal ${kind} into Go ${wanted}`);
}
