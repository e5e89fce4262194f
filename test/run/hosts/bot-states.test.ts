import { expect, it } from "vitest";
import type { Observation } from "../../../src/history/recorder.ts";
import { BotStates } from "../../../src/run/hosts/bot-states.ts";

function after(...events: readonly Partial<Observation>[]): { holding: number; operating: number } {
  const states = new BotStates();
  for (const event of events) {
    states.observe({ op: "claim", type: "invoke", bot: 1, ...event });
  }
  return states.atStake();
}

const granted = [{}, { type: "ok", job: 7, attempt: 1 }] as const;
const nothing = { holding: 0, operating: 0 };

it("knows who holds a claim, and who waits for an answer, from what was recorded", () => {
  expect(after()).toEqual(nothing);
  expect(after({})).toEqual({ holding: 0, operating: 1 });
  expect(after({}, { type: "empty" })).toEqual(nothing);
  expect(after(...granted)).toEqual({ holding: 1, operating: 0 });
  expect(after(...granted, { bot: 2 })).toEqual({ holding: 1, operating: 1 });
  expect(after(...granted, { op: "start", job: 7 })).toEqual({ holding: 1, operating: 1 });
});

it.each([
  ["completed", { op: "complete", type: "ok", job: 7 }],
  ["failed as its work did", { op: "fail", type: "ok", job: 7 }],
  ["refused when it is settled", { op: "complete", type: "empty", job: 7 }],
  ["lost to another before the work began", { op: "start", type: "empty", job: 7 }],
  ["lost to another when the lease is renewed", { op: "heartbeat", type: "empty", job: 7 }],
  ["none of those it is told it holds", { op: "resume", type: "empty" }],
] as const)("a claim is over when it is %s", (_how, end) => {
  expect(after(...granted, end)).toEqual(nothing);
});

it("keeps a claim whose settle was not answered, and every job of a batch", () => {
  expect(after(...granted, { op: "complete", type: "unknown", job: 7 }).holding).toBe(1);
  const batch = { type: "ok", job: 7, detail: { more: [{ job: 8 }] } } as const;
  expect(after({}, batch, { op: "complete", type: "ok", job: 7 }).holding).toBe(1);
  const settled = [7, 8].map((job) => ({ op: "complete", type: "ok", job }) as const);
  expect(after({}, batch, ...settled)).toEqual(nothing);
});
