import type { PoolClient } from "pg";

/** How a statement gets at the rows of one table. */
export type Access =
  /** One row of those there are: the parameter that its key is compared with, from 0. */
  | { readonly kind: "row"; readonly keyAt: number }
  /** It puts new rows in, and looks at none. */
  | { readonly kind: "adds" };

/** A node of the plan, as `EXPLAIN (FORMAT JSON)` has it. */
interface PlanNode {
  readonly "Node Type": string;
  readonly Operation?: string;
  readonly Schema?: string;
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Subplan Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

/**
 * Of the tables of a statement, those of which it touches one row by its `id`, and those to which it only adds: as PostgreSQL's
 * planner says, which has to find every condition that names the row, through CTEs and joins. That a table is small, and would
 * rather be read as a whole, is put out of its mind first.
 *
 * A row counts only where every access to the table finds it by comparing `id` with one and the same parameter: then
 * no other row can change what the statement comes to, however it is carried out.
 *
 * Tables by `schema.name`. A statement that cannot be planned has none. "in the way": a bot holds a lock on a table.
 */
export async function rowAccesses(
  client: PoolClient,
  text: string,
): Promise<ReadonlyMap<string, Access> | "in the way"> {
  const plan = await planOf(client, text);
  if (plan === "in the way") return plan;
  const all = plan === undefined ? [] : nodesOf(plan);
  const byTable = new Map<string, PlanNode[]>();
  for (const node of all) {
    const relation = node["Relation Name"];
    if (relation === undefined) continue;
    const name = `${node.Schema}.${relation}`;
    byTable.set(name, [...(byTable.get(name) ?? []), node]);
  }
  const inner = innerParameters(all);
  const accesses = [...byTable].map(([name, nodes]) => [name, accessOf(nodes, inner)] as const);
  return new Map(accesses.filter((entry): entry is [string, Access] => entry[1] !== undefined));
}

const statementName = "doubletake_plan";
const lockNotAvailable = "55P03";

async function planOf(
  client: PoolClient,
  text: string,
): Promise<PlanNode | "in the way" | undefined> {
  const numbers = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
  const nulls = Array.from({ length: Math.max(0, ...numbers) }, () => "NULL").join(", ");
  try {
    await client.query(
      `BEGIN; SET LOCAL lock_timeout = '50ms'; SET LOCAL plan_cache_mode = force_generic_plan;
       SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_tidscan = off`,
    );
    await client.query(`PREPARE ${statementName} AS ${text}`);
    const { rows } = await client.query<{ "QUERY PLAN": readonly [{ readonly Plan: PlanNode }] }>(
      `EXPLAIN (FORMAT JSON, VERBOSE, COSTS OFF) EXECUTE ${statementName} ${nulls === "" ? "" : `(${nulls})`}`,
    );
    return rows[0]?.["QUERY PLAN"][0].Plan;
  } catch (error) {
    return (error as { code?: string }).code === lockNotAvailable ? "in the way" : undefined;
  } finally {
    await client.query("ROLLBACK");
    // No transaction takes a prepared statement back.
    await client.query(`DEALLOCATE ${statementName}`).catch(() => undefined);
  }
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Before version 17 what an inner query comes to is shown as `$1` as well, and told only where that query stands. */
function innerParameters(nodes: readonly PlanNode[]): ReadonlySet<number> {
  const names = nodes.map((node) => node["Subplan Name"] ?? "").join(" ");
  return new Set([...names.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
}

function accessOf(nodes: readonly PlanNode[], inner: ReadonlySet<number>): Access | undefined {
  const changes = nodes.filter((node) => node["Node Type"] === "ModifyTable");
  const scans = nodes.filter((node) => node["Node Type"] !== "ModifyTable");
  const adds = changes.some(({ Operation }) => Operation === "Insert" || Operation === "Merge");
  if (adds) {
    const onlyAdds = scans.length === 0 && changes.every(({ Operation }) => Operation === "Insert");
    return onlyAdds ? { kind: "adds" } : undefined;
  }
  const keys = new Set(scans.map((node) => keyAtOf(node, inner)));
  const [keyAt] = keys;
  return keys.size === 1 && keyAt !== undefined ? { kind: "row", keyAt } : undefined;
}

/** `(jobs.id = $2)` is all that the index is asked for. */
function keyAtOf(node: PlanNode, inner: ReadonlySet<number>): number | undefined {
  if (!/^Index (Only )?Scan$/.test(node["Node Type"])) return undefined;
  const match = /^\((?:\w+\.)?id = (?:\$(\d+)|\(\$(\d+)\)::bigint)\)$/.exec(
    node["Index Cond"] ?? "",
  );
  const number = Number(match?.[1] ?? match?.[2]);
  return Number.isNaN(number) || inner.has(number) ? undefined : number - 1;
}
