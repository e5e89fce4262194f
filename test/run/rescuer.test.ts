import { expect, test } from "vitest";
import type { NewEvent } from "../../src/history/event-table.ts";
import { redriveDeadLetters, Rescuer } from "../../src/run/rescuer.ts";
import { rejectMisfits } from "../../src/run/strategy-fit.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { empty, failure, ScriptedTarget } from "../bots/scripted-target.ts";
import { scenarioWith } from "../scenario/example.ts";

type Event = Omit<NewEvent, "t">;

test("a rescuer tells what it took, goes on after a failure, and never overtakes itself", async () => {
  const rescued = [{ job: 4, attempt: 2, bot: 1 }];
  let [inFlight, most, calls] = [0, 0, 0];
  const target = new ScriptedTarget({
    rescue: [{ kind: "ok", value: rescued }, failure("failed", "57P01"), empty],
  });
  const answer = target.rescue;
  const events: Event[] = [];
  let finish = (): void => undefined;
  const isDone = new Promise<void>((resolve) => (finish = resolve));
  target.rescue = async () => {
    most = Math.max(most, ++inFlight);
    await new Promise(setImmediate);
    inFlight--;
    if (++calls === 4) finish();
    return await answer();
  };
  const rescuer = new Rescuer({
    target,
    record: (event) => void events.push(event),
    everyMs: 1,
    onFailure: () => undefined,
  });
  await isDone;
  await rescuer[Symbol.asyncDispose]();
  const after = events.length;
  expect(most).toBe(1);
  expect(events.slice(0, 6)).toEqual([
    { op: "rescue", type: "invoke" },
    { op: "rescue", type: "ok", detail: { jobs: rescued } },
    { op: "rescue", type: "invoke" },
    { op: "rescue", type: "failed", code: "57P01" },
    { op: "rescue", type: "invoke" },
    { op: "rescue", type: "empty", code: undefined },
  ]);
  expect(after % 2).toBe(0);
  expect(inFlight).toBe(0);
});

test("a rescuer whose target cannot be used says so at once, and why when it is stopped", async () => {
  const target = new ScriptedTarget({});
  target.rescue = () => Promise.reject(new Error("is to resolve to a list of claims"));
  const rescuer = await new Promise<Rescuer>((resolve) => {
    const made = new Rescuer({
      target,
      record: () => undefined,
      everyMs: 1,
      onFailure: () => resolve(made),
    });
  });
  await expect(rescuer[Symbol.asyncDispose]()).rejects.toThrow("is to resolve to a list of claims");
});

test("redriving tells which jobs live again", async () => {
  const target = new ScriptedTarget({});
  const events: Event[] = [];
  const record = (event: Event): void => void events.push(event);
  expect(await redriveDeadLetters(target, record)).toBe(false);
  target.redrive = async () => ({ kind: "ok", value: [7, 3, 8] });
  expect(await redriveDeadLetters(target, record)).toBe(true);
  expect(events.at(-1)).toEqual({
    op: "redrive",
    type: "ok",
    detail: {
      jobs: [
        [3, 3],
        [7, 8],
      ],
    },
  });
});

test("a strategy that cannot do what the scenario asks is refused before anything is started", () => {
  const [naive, skipLocked] = [loadStrategy("naive"), loadStrategy("skip-locked")];
  const batches = scenarioWith("claims: { limit: 5 }");
  expect(() => rejectMisfits(batches, [skipLocked])).not.toThrow();
  expect(() => rejectMisfits(batches, [skipLocked, naive])).toThrow(
    'strategy "naive" claims one job at a time, and claims.limit is 5',
  );
  const types = scenarioWith(
    "jobs: { count: 4, types: { a: 1, b: 1 } }",
    "bots: { count: 2, types: [a, b] }",
  );
  expect(() => rejectMisfits(types, [skipLocked])).toThrow(/takes any job, and bots.types wants/);
});
