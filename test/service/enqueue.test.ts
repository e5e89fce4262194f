import { expect, it } from "vitest";
import type { ControlDatabase } from "../../src/service/control-database.ts";
import { Lifecycle } from "../../src/service/lifecycle.ts";
import { enqueue } from "../../src/service/tables.ts";

it("many jobs are added by several statements, which deal as if they were one", async () => {
  const asked: unknown[][] = [];
  const lifecycle = new Lifecycle({ enqueue: "SELECT :first, :count, :keys" });
  const control = {
    query: async (_text: string, values: readonly unknown[]) => {
      asked.push([...values]);
      const [first, count, keys] = values as [number, number, readonly string[]];
      return Array.from({ length: count }, (_, at) => ({
        job_id: first + at,
        key: keys[(first + at) % keys.length],
      }));
    },
  } as unknown as ControlDatabase;
  const keys = ["a", "b", "c"];
  const detail = await enqueue(control, lifecycle, 50_000, { keys });
  expect(asked).toEqual([
    [1, 20_000, keys],
    [20_001, 20_000, keys],
    [40_001, 10_000, keys],
  ]);
  expect(detail.jobs).toEqual([[1, 50_000]]);
  expect(detail.keys?.map(({ key }) => key).toSorted()).toEqual(keys);
  const dealt = detail.keys?.reduce((sum, { jobs }) => sum + jobs.length, 0);
  expect(dealt).toBe(50_000);
});
