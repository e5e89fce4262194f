import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { Bot } from "../../src/bots/bot.ts";
import type { BotOptions, Turn } from "../../src/bots/bot.ts";
import { empty, failure, granted, held, ScriptedTarget, unknown } from "./scripted-target.ts";
import type { Script } from "./scripted-target.ts";

const never = new AbortController().signal;

async function turn(
  script: Script,
  options: Partial<BotOptions> = {},
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
    ...options,
  });
  return { turn: await bot.takeTurn(never), calls: target.calls, events, bot };
}

const both = {
  kind: "ok",
  value: [
    { job: 1, attempt: 1 },
    { job: 2, attempt: 1 },
  ],
} as const;

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

  it("sends a heartbeat for all that it holds, between slices of its work", async () => {
    const seen = await turn({ claim: [both] }, { workMs: 3, heartbeatMs: 2 });
    expect(seen.calls).toEqual([
      "claim",
      "start 1",
      "heartbeat 1",
      "heartbeat 2",
      "complete 1 with 5",
      "start 2",
      "heartbeat 2",
      "complete 2 with 5",
    ]);
    expect(seen.events).toContain("heartbeat ok 1");
  });

  it("sends none where its work is over before one is due", async () => {
    const seen = await turn({ claim: [granted(9)] }, { workMs: 2, heartbeatMs: 2 });
    expect(seen.calls).toEqual(["claim", "start 9", "complete 9 with 5"]);
  });

  it("gives up work on what a heartbeat was refused for, and on nothing else", async () => {
    const first = await turn({ claim: [both], heartbeat: [empty] }, { workMs: 3, heartbeatMs: 2 });
    expect(first.calls).toEqual([
      "claim",
      "start 1",
      "heartbeat 1",
      "heartbeat 2",
      "start 2",
      "heartbeat 2",
      "complete 2 with 5",
    ]);
    const second = await turn(
      { claim: [both], heartbeat: [{ kind: "ok", value: null }, empty] },
      { workMs: 3, heartbeatMs: 2 },
    );
    expect(second.calls.slice(2)).toEqual(["heartbeat 1", "heartbeat 2", "complete 1 with 5"]);
    expect(second.bot.isHolding).toBe(false);
  });

  it("that lost the answer to a heartbeat asks what it holds, and does not work anew", async () => {
    const seen = await turn(
      { claim: [granted(9)], heartbeat: [unknown], resume: [held(9, "processing")] },
      { workMs: 3, heartbeatMs: 2 },
    );
    expect(seen.calls).toEqual(["claim", "start 9", "heartbeat 9", "resume", "complete 9 with 5"]);
  });

  it("begins anew with a job that it holds under another attempt by now", async () => {
    const again = { job: 9, attempt: 3, a: 2, b: 3, status: "claimed" } as const;
    const attempts: (number | null)[] = [];
    const seen = await turn(
      { claim: [granted(9)], heartbeat: [unknown], resume: [{ kind: "ok", value: [again] }] },
      {
        workMs: 3,
        heartbeatMs: 2,
        isFailing: ({ attempt }) => {
          attempts.push(attempt);
          return attempt === 3;
        },
      },
    );
    expect(seen.calls.slice(4)).toEqual(["start 9", "heartbeat 9", "fail 9"]);
    expect(attempts).toEqual([1, 3]);
  });

  it("resumes every job of a batch, first the one it was at", async () => {
    const jobs = [
      { job: 1, attempt: 1, a: 2, b: 3, status: "claimed" },
      { job: 2, attempt: 1, a: 2, b: 3, status: "processing" },
    ] as const;
    const seen = await turn({ claim: [unknown], resume: [{ kind: "ok", value: jobs }] });
    expect(seen.calls).toEqual([
      "claim",
      "resume",
      "complete 2 with 5",
      "start 1",
      "complete 1 with 5",
    ]);
  });

  it("fails the work that is to fail, and tells what became of the job", async () => {
    const details: unknown[] = [];
    const seen = await turn(
      { claim: [granted(9)], settle: [{ kind: "ok", value: { status: "dead" } }] },
      { isFailing: () => true, record: ({ detail }) => details.push(detail) },
    );
    expect(seen.calls).toEqual(["claim", "start 9", "fail 9"]);
    expect(details.at(-1)).toEqual({ status: "dead" });
  });

  it("says how many jobs it asks for", async () => {
    const details: unknown[] = [];
    const wish = { limit: 4, types: ["email"] };
    await turn({}, { wish, record: ({ detail }) => details.push(detail) });
    expect(details[0]).toEqual({ limit: 4 });
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
