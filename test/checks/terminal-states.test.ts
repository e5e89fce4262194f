import { describe, expect, it } from "vitest";
import { terminalStates } from "../../src/checks/terminal-states.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf } from "./judged.ts";

function completed(): HistoryBuilder {
  return new HistoryBuilder().begin().enqueue(5).granted(1, 5, 1).completed(1, 5, 1);
}

describe("terminal-states is violated by", () => {
  it.each([
    ["a grant", completed().granted(2, 5, 2), "was granted to bot 2 (t=8.000 ms)"],
    ["a second completion", completed().completed(2, 5), "was completed again by bot 2"],
    ["a failure", completed().released(2, 5), "was failed by bot 2"],
    ["a start", completed().does(2, "start", "ok", { job: 5 }), "was started by bot 2"],
    [
      "a bot that still holds it",
      completed().does(1, "resume", "ok", { job: 5 }),
      "was still held by bot 1",
    ],
    ["a rescue", completed().rescued(5), "was rescued (t=8.000 ms)"],
    ["its state at the end", completed().final({ pending: [[1, 5]] }), "is pending at the end"],
    ["its absence at the end", completed().final({ succeeded: [[1, 4]] }), "is gone at the end"],
  ])("%s after the job was completed", (_name, history, text) => {
    const [found] = casesOf(terminalStates, history);
    expect(found?.summary).toContain("job 5 was completed by bot 1 (t=6.000 ms), and");
    expect(found?.summary).toContain(text);
  });
});

describe("terminal-states passes", () => {
  it("a job that stays completed", () => {
    expect(verdictOf(terminalStates, completed().final({ succeeded: [[1, 5]] }))).toBe("passed");
    expect(verdictOf(terminalStates, completed().does(2, "complete", "empty", { job: 5 }))).toBe(
      "passed",
    );
  });

  it("a grant that was in flight when the completion was answered", () => {
    const history = new HistoryBuilder().begin().granted(1, 5).invoke(2, "claim").completed(1, 5);
    expect(verdictOf(terminalStates, history.answer(2, "claim", "ok", { job: 5 }))).toBe("passed");
  });

  it("a job that is enqueued once more", () => {
    expect(verdictOf(terminalStates, completed().enqueue(1, 5).granted(2, 5).completed(2, 5))).toBe(
      "passed",
    );
  });
});

describe("terminal-states is not judged", () => {
  it("where nothing was completed", () => {
    const history = new HistoryBuilder().begin().granted(1, 5);
    expect(verdictOf(terminalStates, history)).toBe("not-judged");
  });
});
