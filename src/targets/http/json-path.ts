/**
 * What stands at a path of a JSON value: names with dots, and `*` for every element of a list. `items.*.id` of
 * `{"items":[{"id":1},{"id":2}]}` is `[1, 2]`. What is not there, or null, is left out.
 */
export function valuesAt(json: unknown, path: string): readonly unknown[] {
  let values: readonly unknown[] = [json];
  for (const name of path.split(".")) values = values.flatMap((value) => step(value, name));
  return values.filter((value) => value !== undefined && value !== null);
}

/** Its own properties only: a service's answer must not be read from what every object inherits. */
function step(value: unknown, name: string): readonly unknown[] {
  if (name === "*") return Array.isArray(value) ? value : [];
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return [];
  return [(value as Record<string, unknown>)[name]];
}
