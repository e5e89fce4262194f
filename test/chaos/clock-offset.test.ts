import { expect, it } from "vitest";
import { clockOffset } from "../../src/chaos/clock-offset.ts";
import { BotClocks } from "../../src/service/bot-clocks.ts";
import { faultContext } from "./fault-context.ts";

const minute = 60_000;

it.each([
  ["ahead", 1],
  ["behind", -1],
] as const)("puts the clocks of the first bots %s, and right again", async (direction, sign) => {
  const clocks = new BotClocks();
  const settings = { bots: 2, by: 5 * minute, direction };
  const fault = clockOffset.create(settings, faultContext({ bots: 3, clocks }));
  const offsets = (): number[] => {
    const right = clocks.read(3).getTime();
    return [1, 2].map((bot) => Math.round((clocks.read(bot).getTime() - right) / minute));
  };
  expect(offsets()).toEqual([0, 0]);
  expect(await fault.inject()).toEqual({ outcome: "applied" });
  expect(await fault.witnessed?.()).toEqual([]);
  expect(offsets()).toEqual([5 * sign, 5 * sign]);
  expect(await fault.witnessed?.()).toEqual([{ aim: "2 claims asked for by a wrong clock" }]);
  await fault.heal();
  await fault.heal();
  expect(offsets().map(Math.abs)).toEqual([0, 0]);
});
