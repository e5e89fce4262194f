import { describe, expect, it } from "vitest";
import type { Claim } from "../../../src/service/claim-run.ts";
import type { Target } from "../../../src/targets/target.ts";
import { subjects } from "./subjects.ts";

const longLeaseMs = 60_000;
const complete = { kind: "complete", result: 8 } as const;

async function grant(target: Target, bot: number): Promise<Claim> {
  await target.connect(bot);
  const outcome = await target.claim(bot);
  expect(outcome).toMatchObject({ kind: "ok", value: [{ attempt: expect.any(Number) }] });
  return outcome.kind === "ok" ? (outcome.value[0] as Claim) : { job: -1, attempt: null };
}

/** What every bot and every check relies on, of whatever is tested. */
describe.each(subjects)("the target $name", ({ open }) => {
  it("has nothing for a bot that asks an empty queue", async () => {
    await using opened = await open(longLeaseMs);
    await opened.target.connect(1);
    expect(await opened.target.claim(1)).toEqual({ kind: "empty" });
    expect(await opened.target.resume(1)).toEqual({ kind: "empty" });
  });

  it("acknowledges as many jobs as it was given, and grants each to one bot", async () => {
    await using opened = await open(longLeaseMs);
    const { jobs } = await opened.target.enqueue(2);
    expect(jobs.reduce((sum, [first, last]) => sum + last - first + 1, 0)).toBe(2);
    const [one, other] = [await grant(opened.target, 1), await grant(opened.target, 2)];
    expect(one.job).not.toBe(other.job);
    expect(await opened.target.claim(1)).toEqual({ kind: "empty" });
  });

  it("accepts the settle of the holder, once, and of nobody else", async () => {
    await using opened = await open(longLeaseMs);
    const { target } = opened;
    await target.enqueue(1);
    const claim = await grant(target, 1);
    expect(await target.start(1, claim)).toMatchObject({ kind: "ok" });
    await target.connect(2);
    expect(await target.settle({ bot: 2, claim }, complete)).toEqual({ kind: "empty" });
    expect(await target.settle({ bot: 1, claim }, complete)).toEqual({ kind: "ok", value: null });
    expect(await target.settle({ bot: 1, claim }, complete)).toEqual({ kind: "empty" });
    expect(await target.heartbeat({ bot: 1, claim })).toEqual({ kind: "empty" });
    expect(await target.claim(2)).toEqual({ kind: "empty" });
  });

  it("tells a bot what it holds", async () => {
    await using opened = await open(longLeaseMs);
    await opened.target.enqueue(1);
    const claim = await grant(opened.target, 1);
    expect(await opened.target.resume(1)).toMatchObject({ kind: "ok", value: [claim] });
    await opened.target.connect(2);
    expect(await opened.target.resume(2)).toEqual({ kind: "empty" });
  });

  it("grants a failed job again, under another attempt, and refuses the former one", async () => {
    await using opened = await open(longLeaseMs);
    const { target } = opened;
    await target.enqueue(1);
    const first = await grant(target, 1);
    const failed = await target.settle({ bot: 1, claim: first }, { kind: "fail", error: "no" });
    expect(failed).toMatchObject({ kind: "ok", value: { status: "pending" } });
    const second = await grant(target, 1);
    expect(second).toEqual({ job: first.job, attempt: (first.attempt ?? 0) + 1 });
    expect(await target.settle({ bot: 1, claim: first }, complete)).toEqual({ kind: "empty" });
    expect(await target.settle({ bot: 1, claim: second }, complete)).toMatchObject({ kind: "ok" });
  });

  it("takes an expired claim from its holder, whose settle is then refused", async () => {
    await using opened = await open(50);
    const { target } = opened;
    await target.enqueue(1);
    const claim = await grant(target, 1);
    await expect
      .poll(() => target.rescue(), { timeout: 10_000 })
      .toMatchObject({
        kind: "ok",
        value: [{ job: claim.job, attempt: claim.attempt }],
      });
    expect(await target.rescue()).toEqual({ kind: "empty" });
    expect(await target.settle({ bot: 1, claim }, complete)).toEqual({ kind: "empty" });
    expect(await grant(target, 2)).toEqual({ job: claim.job, attempt: (claim.attempt ?? 0) + 1 });
  });

  it("leaves a claim alone whose heartbeats come", async () => {
    await using opened = await open(longLeaseMs);
    const { target } = opened;
    await target.enqueue(1);
    const claim = await grant(target, 1);
    expect(await target.heartbeat({ bot: 1, claim })).toEqual({ kind: "ok", value: null });
    expect(await target.rescue()).toEqual({ kind: "empty" });
  });
});
