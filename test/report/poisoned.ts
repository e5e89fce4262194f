import type { RunResult } from "../../src/report/result.ts";

export const attack = `</script></style></title>"'><script>alert(1)</script><img src=x onerror=alert(1)>`;

/** The result with an attack behind every text that comes from a scenario, a strategy or a database. */
export function poisoned(result: RunResult): RunResult {
  return withAttack(result, "") as RunResult;
}

function withAttack(value: unknown, key: string): unknown {
  if (typeof value === "string") return ours.has(key) ? value : `${value}${attack}`;
  if (Array.isArray(value)) return value.map((item) => withAttack(item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, withAttack(field, name)]),
  );
}

/** Texts of which the schema allows only a few. */
const ours: ReadonlySet<string> = new Set(["verdict", "role"]);
