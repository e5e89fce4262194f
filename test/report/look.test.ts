import { describe, expect, it } from "vitest";
import { makePlan } from "../../src/plan/make-plan.ts";
import { look } from "../../src/report/look.ts";
import { scenarioWith } from "../scenario/example.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { measuredRounds } from "./measured-rounds.ts";
import type { MadeUpRound } from "./measured-rounds.ts";

const scenario = scenarioWith(
  "strategies: { subjects: [skip-locked], controls: [naive] }",
  "repeat: { min: 4, max: 8 }",
);
const plan = makePlan(scenario, 7);
const header = { ...new HistoryBuilder().header(), plan };

/** The subject takes so many times as long as the control, in each repeat. */
function lookAfter(
  repeats: number,
  ratios: readonly number[],
  more: (repeat: number, isSubject: boolean) => Partial<MadeUpRound> = () => ({}),
) {
  const events = measuredRounds(plan, repeats, ({ repeat, strategy }) => {
    const isSubject = strategy === "skip-locked";
    const loadMs = 1000 * (isSubject ? (ratios[repeat] ?? 1) : 1);
    return { loadMs, ...more(repeat, isSubject) };
  });
  return look(header, events, repeats);
}

const twice = [2, 2.02, 1.98, 2, 2, 2, 2, 2];
const mixed = [2, 0.5, 1.7, 0.6, 2, 0.5, 1.7, 0.6];

describe("a look", () => {
  it("stops at the first repeats that decide, and not before it is time to look", () => {
    expect(lookAfter(3, twice)).toBeNull();
    expect(lookAfter(4, twice)).toEqual({ repeats: 4, comparisons: 1, decided: 1, stops: true });
    expect(lookAfter(5, twice)).toBeNull();
  });

  it("does not stop where the repeats disagree, nor where the last one decides", () => {
    expect(lookAfter(4, mixed)).toMatchObject({ decided: 0, stops: false });
    expect(lookAfter(8, twice)).toMatchObject({ repeats: 8, decided: 1, stops: false });
  });

  it("leaves out what was measured while the machine moved, with its pair", () => {
    const third = [2, 2.02, 0.3, 1.98];
    expect(lookAfter(4, third)).toMatchObject({ decided: 0, stops: false });
    const moved = (repeat: number, isSubject: boolean): Partial<MadeUpRound> => {
      const quiet = 5 + (repeat % 2) * 0.1;
      return { canary: { cpuMs: repeat === 2 && isSubject ? 9 : quiet, queryMs: 10 } };
    };
    expect(lookAfter(4, third, moved)).toMatchObject({ decided: 1, stops: true });
  });
});
