import { describe, expect, test } from "vitest";

import { botOperations } from "../../../src/report/chart/bot-operations.ts";
import type { EvidenceEvent } from "../../../src/report/event-text.ts";
import type { Violation } from "../../../src/report/result.ts";

let number = 0;
function event(bot: number, op: string, type: string, job?: number): EvidenceEvent {
  number++;
  return { i: number, t: number * 1000, op, type, bot, ...(job === undefined ? {} : { job }) };
}

function operations(events: readonly EvidenceEvent[], around: readonly EvidenceEvent[] = []) {
  const violation: Violation = { summary: "", round: 0, job: 9, events: [...events] };
  return botOperations({ ...violation, around: [...around] });
}

describe("the operations of a case", () => {
  test("go from their invoke to their completion, in the order in which they began", () => {
    const asked = [event(1, "claim", "invoke"), event(2, "claim", "invoke")];
    const answered = [event(2, "claim", "ok", 9), event(1, "claim", "ok", 9)];
    const drawn = operations(answered, asked);
    expect(drawn.map(({ bot, grant }) => ({ bot, grant }))).toEqual([
      { bot: 1, grant: "again" },
      { bot: 2, grant: "first" },
    ]);
    expect(drawn[0]).toMatchObject({ fromNs: asked[0]?.t, toNs: answered[1]?.t });
  });

  test("without an invoke are moments; without a completion they are open to the end", () => {
    const drawn = operations([
      event(1, "claim", "ok", 9),
      event(2, "complete", "invoke", 9),
      event(1, "start", "ok", 9),
    ]);
    expect(drawn.map(({ tone, fromNs, toNs }) => [tone, toNs - fromNs])).toEqual([
      ["ok", 0],
      ["open", 1000],
      ["ok", 0],
    ]);
  });

  test("of a job that was given back are first grants", () => {
    const drawn = operations([
      event(1, "claim", "ok", 9),
      event(1, "fail", "ok", 9),
      event(2, "claim", "ok", 9),
    ]);
    expect(drawn.map(({ grant }) => grant)).toEqual(["first", null, "first"]);
  });

  test("of a job that was completed are second grants: it is done", () => {
    const drawn = operations([
      event(1, "claim", "ok", 9),
      event(1, "complete", "ok", 9),
      event(2, "claim", "ok", 9),
    ]);
    expect(drawn.map(({ grant }) => grant)).toEqual(["first", null, "again"]);
  });

  test("tell a bot that resumes what it holds from one that is told of a grant", () => {
    const drawn = operations([
      event(1, "claim", "ok", 9),
      event(1, "resume", "ok", 9),
      event(2, "resume", "ok", 9),
    ]);
    expect(drawn.map(({ grant }) => grant)).toEqual(["first", null, "again"]);
  });

  test("of other jobs are no grants of this one", () => {
    expect(operations([event(1, "claim", "ok", 8)])[0]?.grant).toBeNull();
  });

  test("are none where no bot was involved", () => {
    expect(operations([{ i: 1, t: 1, op: "inspect", type: "info" }])).toEqual([]);
  });
});
