import { describe, expect, it } from "vitest";
import { singleGrant } from "../../src/checks/single-grant.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf, judged } from "./judged.ts";

function round(): HistoryBuilder {
  return new HistoryBuilder().begin();
}

describe("single-grant is violated by", () => {
  it("two bots that are granted one job", () => {
    const history = round().granted(3, 17).granted(9, 17);
    const [found] = casesOf(singleGrant, history);
    expect(found?.summary).toBe(
      "job 17 was granted to bot 3 (t=2.000 ms) and to bot 9 (t=4.000 ms) with no settle between them",
    );
    expect(found).toMatchObject({ round: 0, job: 17, bots: [3, 9] });
    expect(found?.events.map(({ i }) => i)).toEqual([2, 4]);
  });

  it("one bot that is granted the job it holds", () => {
    expect(casesOf(singleGrant, round().granted(1, 5, 1).granted(1, 5, 2))).toHaveLength(1);
  });

  it("an attempt that is granted twice, though the job was released between", () => {
    const history = round().granted(1, 5, 1).released(1, 5, 1).granted(2, 5, 1);
    const [found] = casesOf(singleGrant, history);
    expect(found?.summary).toContain("under the same attempt");
    expect(found?.attempts).toEqual([1, 1]);
  });

  it("a job that is granted after it was completed", () => {
    const history = round().granted(1, 5, 1).completed(1, 5, 1).granted(2, 5, 2);
    const [found] = casesOf(singleGrant, history);
    expect(found?.summary).toContain("though bot 1 asked to complete it (t=3.000 ms)");
    expect(found?.events.map(({ op }) => op)).toEqual(["claim", "complete", "claim"]);
  });

  it("a job that is granted after a completion of unknown outcome, whichever it was", () => {
    const history = round().granted(1, 5, 1).does(1, "complete", "unknown", { job: 5, attempt: 1 });
    expect(casesOf(singleGrant, history.granted(2, 5, 2))).toHaveLength(1);
  });

  it("a release that certainly did not happen", () => {
    const history = round().granted(1, 5).does(1, "fail", "failed", { job: 5 }).granted(2, 5);
    expect(casesOf(singleGrant, history)).toHaveLength(1);
  });

  it("a settle that matched no row", () => {
    const history = round().granted(1, 5).does(1, "fail", "empty", { job: 5 }).granted(2, 5);
    expect(casesOf(singleGrant, history)).toHaveLength(1);
  });

  it("a bot that resumes a job which another was granted", () => {
    const history = round().does(2, "claim", "unknown").granted(1, 5, 1);
    history.does(2, "resume", "ok", { job: 5, attempt: 2 });
    expect(casesOf(singleGrant, history)[0]?.bots).toEqual([1, 2]);
  });

  it("two bots that resume one job", () => {
    const history = round().does(1, "claim", "unknown").does(2, "claim", "unknown");
    history.does(1, "resume", "ok", { job: 5, attempt: 1 });
    history.does(2, "resume", "ok", { job: 5, attempt: 2 });
    expect(casesOf(singleGrant, history)).toHaveLength(1);
  });

  it("a holder that still holds after its unknown release, while another was granted the job", () => {
    const history = round().granted(1, 5, 1).does(1, "fail", "unknown", { job: 5, attempt: 1 });
    history.granted(2, 5, 2).does(1, "resume", "ok", { job: 5, attempt: 1 });
    expect(casesOf(singleGrant, history)).toHaveLength(1);
  });

  it("a second job of a batch", () => {
    const history = round().granted(1, 6);
    history.does(2, "claim", "ok", { job: 5, detail: { more: [{ job: 6 }] } });
    expect(casesOf(singleGrant, history)[0]).toMatchObject({ job: 6, bots: [1, 2] });
  });

  it("an old attempt whose answer comes late, without a rescue", () => {
    const history = round().invoke(1, "claim").granted(2, 5, 2);
    history.answer(1, "claim", "ok", { job: 5, attempt: 1 });
    expect(casesOf(singleGrant, history)).toHaveLength(1);
  });

  it("more cases than are told, and counts them all", () => {
    const history = round();
    for (let job = 1; job <= 8; job++) history.granted(1, job).granted(2, job);
    expect(judged(singleGrant, history)).toMatchObject({ count: 8 });
    expect(casesOf(singleGrant, history)).toHaveLength(5);
  });
});

describe("single-grant passes", () => {
  it("a job that is granted again after it was released", () => {
    const history = round().granted(1, 5, 1).released(1, 5, 1).granted(2, 5, 2);
    expect(verdictOf(singleGrant, history.completed(2, 5, 2))).toBe("passed");
  });

  it("a job that is granted while the answer to its release is on its way", () => {
    const history = round().granted(1, 5).invoke(1, "fail", { job: 5 }).granted(2, 5);
    expect(verdictOf(singleGrant, history.answer(1, "fail", "ok", { job: 5 }))).toBe("passed");
  });

  it("a grant after a release of unknown outcome: it may have happened", () => {
    const history = round().granted(1, 5, 1).does(1, "fail", "unknown", { job: 5, attempt: 1 });
    expect(verdictOf(singleGrant, history.granted(2, 5, 2))).toBe("passed");
  });

  it("a release whose answer never came", () => {
    const history = round().granted(1, 5).invoke(1, "fail", { job: 5 }).granted(2, 5);
    expect(verdictOf(singleGrant, history)).toBe("passed");
  });

  it("a bot that resumes what it was granted, or what its lost claim had granted it", () => {
    const history = round().granted(1, 5, 1).does(1, "resume", "ok", { job: 5, attempt: 1 });
    history.does(2, "claim", "unknown").does(2, "resume", "ok", { job: 6, attempt: 1 });
    history.does(2, "resume", "ok", { job: 6, attempt: 1 });
    expect(verdictOf(singleGrant, history)).toBe("passed");
  });

  it("a bot that resumes with an attempt which its claim did not tell", () => {
    const history = round().granted(1, 5).does(1, "resume", "ok", { job: 5, attempt: 1 });
    expect(verdictOf(singleGrant, history)).toBe("passed");
  });

  it("a bot that still holds the job after a completion of unknown outcome", () => {
    const history = round().granted(1, 5, 1).does(1, "complete", "unknown", { job: 5, attempt: 1 });
    history.does(1, "resume", "ok", { job: 5, attempt: 1 }).completed(1, 5, 1);
    expect(verdictOf(singleGrant, history)).toBe("passed");
  });

  it("a job that was rescued from a bot that did not answer", () => {
    const history = round().granted(1, 5, 1);
    history.note("phase", { phase: "load", event: "begin" });
    history.rescued(5);
    expect(verdictOf(singleGrant, history.granted(2, 5, 2))).toBe("passed");
  });

  it("an old attempt whose answer comes late, after a rescue", () => {
    const history = round().invoke(1, "claim");
    history.rescued(5);
    history.granted(2, 5, 2).answer(1, "claim", "ok", { job: 5, attempt: 1 });
    expect(verdictOf(singleGrant, history)).toBe("passed");
  });

  it("a job that is enqueued once more after it was completed", () => {
    const history = round().enqueue(5).granted(1, 5, 1).completed(1, 5, 1).enqueue(1, 5);
    expect(verdictOf(singleGrant, history.granted(2, 5, 1))).toBe("passed");
  });

  it("the same job in two rounds: each has fresh tables", () => {
    const history = round().granted(1, 5, 1).end().begin().granted(2, 5, 1);
    expect(verdictOf(singleGrant, history)).toBe("passed");
  });
});

describe("single-grant is inconclusive", () => {
  it("where nothing was granted", () => {
    expect(verdictOf(singleGrant, round().does(1, "claim", "empty"))).toBe("inconclusive");
  });
});
