import { HarnessError } from "../../base/harness-error.ts";

/** The client puts names into paths as they are; a `#`, `?` or `%` would address something else. */
export function checkName(name: string): void {
  if (/^[A-Za-z0-9._-]+$/.test(name)) return;
  throw new HarnessError({
    kind: "usage",
    what: `"${name}" cannot be the name of a link or a toxic`,
    hint: "letters, digits, dot, underscore and hyphen",
  });
}
