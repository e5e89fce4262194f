import { describe, expect, it } from "vitest";
import { constraintsHold } from "../../src/checks/constraints-hold.ts";
import type { ConstraintsDetail } from "../../src/history/event.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf } from "./judged.ts";

const good = { name: "one_bot_per_job", present: true, rejectedWith: "23505", expected: "23505" };

function probed(change: Partial<ConstraintsDetail["constraints"][number]> = {}): HistoryBuilder {
  const constraints = [{ ...good, ...change }];
  return new HistoryBuilder().begin().inspect({ what: "constraints", constraints });
}

function corruption(note: string, options: { readonly constraints: boolean }): HistoryBuilder {
  const detail = {
    fault: "corrupt-state-1",
    kind: "corrupt-state",
    event: "hit",
    note,
    aim: "x",
  } as const;
  const history = new HistoryBuilder(options).begin();
  return history.inspect({ what: "constraints", constraints: [good] }).note("fault", detail);
}

describe("constraints-hold", () => {
  it.each([
    ["is missing from the catalog", { present: false }, "is not in the catalog"],
    ["accepts a row that breaks it", { rejectedWith: null }, "accepted a row that breaks it"],
    ["refuses for another reason", { rejectedWith: "42P01" }, "with 42P01 instead of 23505"],
  ])("is violated by a constraint that %s", (_name, change, text) => {
    expect(casesOf(constraintsHold, probed(change))[0]?.summary).toContain(text);
  });

  it("is violated by a corruption that was accepted while the constraints stood", () => {
    const [found] = casesOf(constraintsHold, corruption("accepted", { constraints: true }));
    expect(found?.summary).toContain("the constraints let a corruption pass: x");
  });

  it("passes where all are present and refuse, corruptions too", () => {
    expect(verdictOf(constraintsHold, probed())).toBe("passed");
    expect(verdictOf(constraintsHold, corruption("refused 23514", { constraints: true }))).toBe(
      "passed",
    );
  });

  it("is inconclusive where a round was not probed, or there was nothing to probe", () => {
    expect(verdictOf(constraintsHold, new HistoryBuilder().begin())).toBe("inconclusive");
    expect(verdictOf(constraintsHold, probed().end().begin())).toBe("inconclusive");
    const none = new HistoryBuilder().begin().inspect({ what: "constraints", constraints: [] });
    expect(verdictOf(constraintsHold, none)).toBe("inconclusive");
  });

  it("is not judged for a strategy that runs without constraints", () => {
    expect(verdictOf(constraintsHold, corruption("accepted", { constraints: false }))).toBe(
      "not-judged",
    );
  });
});
