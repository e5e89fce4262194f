import { describe, expect, it } from "vitest";
import { effectOnce } from "../../src/checks/effect-once.ts";
import type { FinalDetail } from "../../src/history/event.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf, foreignEvidenceOf, judged } from "./judged.ts";

function withEffects(effects: Partial<FinalDetail["effects"]>): HistoryBuilder {
  const none = { total: 3, repeated: [], repeatedCount: 0, missing: [], missingCount: 0 };
  const history = new HistoryBuilder().begin().granted(1, 2).completed(1, 2);
  return history.inspect({ what: "final", jobs: [], effects: { ...none, ...effects } }).end();
}

describe("effect-once", () => {
  it("is violated by a job that was done twice", () => {
    const history = withEffects({ repeated: [{ job: 2, times: 3 }], repeatedCount: 12 });
    const [found] = casesOf(effectOnce, history);
    expect(found?.summary).toBe("the effect of job 2 happened 3 times");
    expect(found?.events.map(({ op, type }) => [op, type])).toEqual([
      ["complete", "invoke"],
      ["complete", "ok"],
    ]);
    expect(judged(effectOnce, history)).toMatchObject({ count: 12 });
  });

  it("is violated by a job that succeeded without its effect", () => {
    const [found] = casesOf(effectOnce, withEffects({ missing: [9], missingCount: 1 }));
    expect(found?.summary).toBe("the effect of job 9 is missing or wrong");
  });

  it("passes where every effect happened once", () => {
    expect(verdictOf(effectOnce, withEffects({}))).toBe("passed");
  });

  it("is inconclusive where a round ended before the effects were looked at", () => {
    expect(verdictOf(effectOnce, withEffects({}).begin())).toBe("inconclusive");
    expect(verdictOf(effectOnce, new HistoryBuilder())).toBe("inconclusive");
  });

  it("is not judged where no job has an effect, or another system does not look", () => {
    expect(verdictOf(effectOnce, withEffects({ total: 0 }))).toBe("not-judged");
    const foreign = foreignEvidenceOf(new HistoryBuilder().begin().granted(1, 1));
    expect(effectOnce.judge(foreign).verdict).toBe("not-judged");
  });
});
