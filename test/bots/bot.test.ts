import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { Bot } from "../../src/bots/bot.ts";
import type { Turn } from "../../src/bots/bot.ts";
import { empty, failure, granted, held, ScriptedTarget, unknown } from "./scripted-target.ts";
import type { Script } from "./scripted-target.ts";

const never = new AbortController().signal;

async function turn(
  script: Script,
): Promise<{ turn: Turn; calls: string[]; events: string[]; bot: Bot }> {
  const target = new ScriptedTarget(script);
  const events: string[] = [];
  const bot = new Bot({
    id: 7,
    target,
    record: ({ op, type, job, code }) =>
      events.push([op, type, job, code].filter((x) => x !== undefined).join(" ")),
    workMs: 0,
    random: seededRandom(1),
  });
  return { turn: await bot.takeTurn(never), calls: target.calls, events, bot };
}

describe("a bot", () => {
  it("claims, starts, works and settles, and records both ends of each", async () => {
    const seen = await turn({ claim: [granted(9)] });
    expect(seen.turn).toBe("worked");
    expect(seen.calls).toEqual(["claim", "start 9", "complete 9 with 5"]);
    expect(seen.events).toEqual([
      "claim invoke",
      "claim ok 9",
      "start invoke 9",
      "start ok 9",
      "complete invoke 9",
      "complete ok 9",
    ]);
  });

  it("that lost the answer to its claim asks what it holds before it does anything else", async () => {
    const seen = await turn({ claim: [unknown], resume: [held(9, "claimed")] });
    expect(seen.turn).toBe("worked");
    expect(seen.calls).toEqual(["claim", "resume", "start 9", "complete 9 with 5"]);
    expect(seen.events).toContain("claim unknown CONNECTION-LOST");
  });

  it("that lost the answer to its claim and holds nothing has failed, and is not in doubt", async () => {
    const seen = await turn({ claim: [unknown], resume: [empty] });
    expect(seen.turn).toBe("failed");
    expect(seen.bot.isHolding).toBe(false);
  });

  it("asks again until it is told", async () => {
    const seen = await turn({
      claim: [unknown],
      resume: [unknown, failure("failed", "57P03"), empty],
    });
    expect(seen.calls).toEqual(["claim", "resume", "resume", "resume"]);
  });

  it("that lost the answer to its settle settles again only if it still holds the job, without working again", async () => {
    const again = await turn({
      claim: [granted(9)],
      settle: [unknown],
      resume: [held(9, "processing")],
    });
    expect(again.calls).toEqual([
      "claim",
      "start 9",
      "complete 9 with 5",
      "resume",
      "complete 9 with 5",
    ]);
    const done = await turn({ claim: [granted(9)], settle: [unknown], resume: [empty] });
    expect(done.calls).toEqual(["claim", "start 9", "complete 9 with 5", "resume"]);
    expect(done.bot.isHolding).toBe(false);
  });

  it("that lost the answer to its start does not start twice", async () => {
    const seen = await turn({
      claim: [granted(9)],
      start: [unknown],
      resume: [held(9, "processing")],
    });
    expect(seen.calls).toEqual(["claim", "start 9", "resume", "complete 9 with 5"]);
  });

  it("tries a settle that certainly failed again", async () => {
    const seen = await turn({ claim: [granted(9)], settle: [failure("failed", "57P01")] });
    expect(seen.calls).toEqual(["claim", "start 9", "complete 9 with 5", "complete 9 with 5"]);
  });

  it("lets a job go that is not its own any more", async () => {
    expect((await turn({ claim: [granted(9)], start: [empty] })).calls).toEqual([
      "claim",
      "start 9",
    ]);
    const refused = await turn({ claim: [granted(9)], settle: [empty] });
    expect(refused.bot.isHolding).toBe(false);
  });

  it("calls a conflict a conflict and any other failure failed", async () => {
    expect((await turn({ claim: [failure("failed", "40001")] })).turn).toBe("conflict");
    expect((await turn({ claim: [failure("failed", "23505")] })).turn).toBe("failed");
    expect((await turn({ claim: [empty] })).turn).toBe("empty");
  });

  it("carries out every job of a batch", async () => {
    const batch = {
      kind: "ok",
      value: [granted(1), granted(2)].flatMap((one) => (one.kind === "ok" ? one.value : [])),
    } as const;
    const seen = await turn({ claim: [batch] });
    expect(seen.calls).toEqual([
      "claim",
      "start 1",
      "complete 1 with 5",
      "start 2",
      "complete 2 with 5",
    ]);
  });

  it("connects again before each operation, and stops trying when told to", async () => {
    const refused = failure("failed", "ECONNREFUSED");
    const seen = await turn({ connect: [refused, refused, null], claim: [empty] });
    expect(seen.turn).toBe("empty");
    const stop = new AbortController();
    const target = new ScriptedTarget({ connect: Array.from({ length: 1000 }, () => refused) });
    const bot = new Bot({
      id: 1,
      target,
      record: () => stop.abort(),
      workMs: 0,
      random: seededRandom(1),
    });
    setImmediate(() => stop.abort());
    expect(await bot.connect(stop.signal)).toBe(false);
  });
});
