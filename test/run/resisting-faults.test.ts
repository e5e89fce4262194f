import { describe, expect, it } from "vitest";
import { WorkBrake } from "../../src/bots/work-brake.ts";
import type { FaultDetail } from "../../src/history/event.ts";
import type { PlannedFault } from "../../src/plan/plan.ts";
import { FaultSchedule } from "../../src/run/fault-schedule.ts";
import { LoadTally } from "../../src/run/load-tally.ts";
import { faultContext } from "../chaos/fault-context.ts";

/** `slow-work` needs no server, and fails where this does. */
class BrokenBrake extends WorkBrake {
  /** Called with the fault's id, before anything is done. */
  onPull = (_by: string): void => undefined;
  onRelease = (_by: string): void => undefined;

  override pull(by: string, extraMs: number): void {
    this.onPull(by);
    super.pull(by, extraMs);
  }

  override release(by: string): void {
    this.onRelease(by);
    super.release(by);
  }
}

function planned(id: string): PlannedFault {
  const schedule = { fromMs: 0, toMs: null, everyMs: null, jitter: 0 };
  const position = { line: 1, column: 1 };
  const spec = { kind: "slow-work", settings: { extra: 7 }, moment: "span" as const };
  return { id, spec: { ...spec, schedule, position }, injectAtMs: [0], healAtMs: null };
}

class Play {
  readonly work = new BrokenBrake();
  readonly notes: string[] = [];
  readonly gone = new AbortController();
  readonly schedule = new FaultSchedule({
    planned: [planned("first"), planned("second"), planned("third")],
    load: new LoadTally(),
    gone: this.gone.signal,
    record: ({ detail }) => {
      const { fault, event, note } = detail as FaultDetail;
      if (event !== "missed") this.notes.push([fault, event, note].filter(Boolean).join(" "));
    },
    contextOf: ({ id }) => faultContext({ id, work: this.work }),
  });
}

const fail = (): never => {
  throw new Error("it resists");
};

describe("a fault whose injection throws", () => {
  it("is noted, keeps no other from being injected, and is healed: half of it may stand", async () => {
    const play = new Play();
    const released: string[] = [];
    play.work.onPull = (by) => void (by === "second" && fail());
    play.work.onRelease = (by) => void released.push(by);
    await play.schedule.injectFirst();
    expect(play.notes).toEqual([
      "first injected",
      "second injected",
      "second error it resists",
      "third injected",
    ]);
    await play.schedule.healAll();
    expect(released).toEqual(["third", "second", "first"]);
    expect(play.work.extraMs()).toBe(0);
  });
});

describe("a fault that cannot be healed", () => {
  it("is tried again until it can", async () => {
    const play = new Play();
    let tries = 0;
    play.work.onRelease = (by) => void (by === "second" && ++tries < 3 && fail());
    await play.schedule.injectFirst();
    await play.schedule.healAll();
    expect(tries).toBe(3);
    expect(play.notes.slice(3)).toEqual(["third healed", "second healed", "first healed"]);
  });

  it("keeps no other from being healed; once the server is gone it is tried once and no more", async () => {
    const play = new Play();
    let tries = 0;
    play.work.onRelease = (by) => void (by === "second" && ++tries && fail());
    await play.schedule.injectFirst();
    play.gone.abort();
    await play.schedule.healAll();
    expect(tries).toBe(1);
    const unhealed = "second error not healed: it resists";
    expect(play.notes.slice(3)).toEqual(["third healed", unhealed, "first healed"]);
    expect(play.work.extraMs()).toBe(7);
  });

  it("is left to who closes the round, who tries again", async () => {
    const play = new Play();
    play.work.onRelease = (by) => void (by === "second" && fail());
    await play.schedule.injectFirst();
    play.gone.abort();
    await play.schedule.healAll();
    play.work.onRelease = () => undefined;
    await play.schedule.healAll();
    expect(play.notes.at(-1)).toBe("second healed");
    expect(play.work.extraMs()).toBe(0);
  });
});
