import { describe, expect, it, onTestFinished, vi } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { Span } from "../../src/base/span.ts";
import { WorkBrake } from "../../src/bots/work-brake.ts";
import type { FaultDetail } from "../../src/history/event.ts";
import type { Link } from "../../src/environment/toxiproxy/toxiproxy-server.ts";
import type { PlannedFault } from "../../src/plan/plan.ts";
import { FaultSchedule } from "../../src/run/fault-schedule.ts";
import { LoadTally } from "../../src/run/load-tally.ts";
import type { FaultSchedule as Schedule, SteadyState } from "../../src/scenario/scenario.ts";
import type { ControlDatabase } from "../../src/service/control-database.ts";
import { faultContext } from "../chaos/fault-context.ts";

/** `slow-work` needs no server: when it stands, work takes its `extra` longer. */
const extra = 7;

interface Given {
  readonly kind?: "slow-work" | "link-down";
  readonly schedule?: Partial<Schedule>;
  readonly injectAtMs?: readonly number[];
  readonly afterClaims?: number;
  readonly healAtMs?: number;
}

function planned(
  number: number,
  { kind = "slow-work", schedule, injectAtMs = [], healAtMs, ...more }: Given,
): PlannedFault {
  const times = { fromMs: 0, toMs: null, everyMs: null, jitter: 0, ...schedule };
  const settings = kind === "slow-work" ? { extra } : { link: "postgres" };
  const spec = { kind, settings, moment: "span" as const, schedule: times };
  const position = { line: 1, column: 1 };
  const id = `${kind}-${number}`;
  return { id, spec: { ...spec, position }, injectAtMs, healAtMs: healAtMs ?? null, ...more };
}

/** A schedule with a load that the test plays. */
class Play {
  readonly load = new LoadTally();
  readonly work = new WorkBrake();
  readonly notes: string[] = [];
  readonly span = new Span();
  readonly schedule: FaultSchedule;

  constructor(
    given: readonly Given[],
    more: {
      readonly steadyState?: SteadyState;
      readonly control?: ControlDatabase;
      readonly link?: Link;
    } = {},
  ) {
    onTestFinished(() => this.span.end());
    this.schedule = new FaultSchedule({
      planned: given.map((each, index) => planned(index + 1, each)),
      load: this.load,
      steadyState: more.steadyState,
      record: ({ detail }) => {
        const { fault, event, note } = detail as FaultDetail;
        this.notes.push(`${fault} ${event}${note === undefined ? "" : `: ${note}`}`);
      },
      contextOf: ({ id }) =>
        faultContext({
          id,
          work: this.work,
          random: seededRandom(1, id),
          signal: this.span.signal,
          ...(more.control === undefined ? {} : { control: more.control }),
          ...(more.link === undefined ? {} : { link: () => more.link as Link }),
        }),
    });
  }

  async begin(): Promise<this> {
    await this.schedule.injectFirst();
    this.schedule.start(this.span.signal);
    return this;
  }

  claims(count: number, type: "invoke" | "ok" | "empty" | "failed" = "ok"): void {
    for (let n = 0; n < count; n++) {
      const code = type === "failed" ? { code: "23505" } : {};
      this.load.observe({ op: "claim", type, bot: 1, ...code });
    }
  }

  async end(): Promise<void> {
    this.span.end();
    await this.schedule.healAll();
  }

  /** How many faults stand: each makes work longer by the same time. */
  readonly standing = (): number => this.work.extraMs() / extra;
}

describe("when a fault is injected", () => {
  it("from the start: before the first bot moves", async () => {
    const play = new Play([{ injectAtMs: [0] }]);
    await play.schedule.injectFirst();
    expect(play.work.extraMs()).toBe(extra);
    await play.schedule.healAll();
    expect(play.work.extraMs()).toBe(0);
  });

  it("after so many claims, and not before", async () => {
    const play = await new Play([{ afterClaims: 5 }]).begin();
    play.claims(4);
    await new Promise((resolve) => setImmediate(resolve));
    expect(play.notes).toEqual([]);
    play.claims(1);
    await expect.poll(play.standing).toBe(1);
    await play.end();
    expect(play.notes.at(-1)).toBe("slow-work-1 healed");
  });

  it("when so many claims are in flight", async () => {
    const when = { kind: "claims-in-flight", claims: 2 } as const;
    const play = await new Play([{ injectAtMs: [0], schedule: { when } }]).begin();
    play.claims(2, "invoke");
    play.claims(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(play.notes).toEqual([]);
    play.claims(1, "invoke");
    await expect.poll(play.standing).toBe(1);
    await play.end();
  });

  it("when every bot has found nothing, and none has asked again", async () => {
    const when = { kind: "idle" } as const;
    const play = await new Play([{ injectAtMs: [1], schedule: { when } }]).begin();
    play.claims(1);
    play.claims(1, "empty");
    play.claims(1, "invoke");
    await new Promise((resolve) => setImmediate(resolve));
    expect(play.notes).toEqual([]);
    play.claims(1, "empty");
    await expect.poll(play.standing).toBe(1);
    await play.end();
  });

  it("when the catalog shows it, asked of the harness's own connection", async () => {
    let rows: object[] = [];
    const control = { query: async () => rows } as unknown as ControlDatabase;
    const when = { kind: "mid-transaction" } as const;
    const play = await new Play([{ injectAtMs: [1], schedule: { when } }], { control }).begin();
    play.claims(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(play.notes).toEqual([]);
    rows = [{}];
    await expect.poll(play.standing).toBe(1);
    await play.end();
  });

  it("that waits in vain is never injected, and does not keep the load from ending", async () => {
    const when = { kind: "claims-in-flight", claims: 9 } as const;
    const play = await new Play([{ injectAtMs: [0], schedule: { when } }]).begin();
    play.claims(1);
    await play.end();
    expect(play.notes).toEqual([]);
  });

  it("again and again, for a while each time", async () => {
    const schedule = { everyMs: 2, forMs: 1 };
    const play = await new Play([{ injectAtMs: [2, 4, 6], schedule }]).begin();
    play.claims(1);
    const healed = (): number => play.notes.filter((note) => note.endsWith("healed")).length;
    await expect.poll(healed).toBe(3);
    await play.end();
    const missed = "slow-work-1 missed: it was seen to hurt nothing";
    const once = ["slow-work-1 injected", missed, "slow-work-1 healed"];
    expect(play.notes).toEqual([...once, ...once, ...once]);
  });

  it("while another stands: they overlap, and the last one is healed first", async () => {
    const play = await new Play([
      { afterClaims: 1 },
      { afterClaims: 2 },
      { afterClaims: 3 },
    ]).begin();
    for (const standing of [1, 2, 3]) {
      play.claims(1);
      await expect.poll(play.standing).toBe(standing);
    }
    await play.end();
    const healed = play.notes.filter((note) => note.endsWith("healed"));
    expect(healed).toEqual(["slow-work-3 healed", "slow-work-2 healed", "slow-work-1 healed"]);
    expect(play.work.extraMs()).toBe(0);
  });
});

describe("a load that is ended", () => {
  it("in the middle of a fault heals it, and injects none that was to come", async () => {
    const play = await new Play([
      { injectAtMs: [0], healAtMs: 60_000 },
      { injectAtMs: [50_000] },
    ]).begin();
    play.claims(1);
    await play.end();
    await play.end();
    expect(play.notes.filter((note) => note.includes("healed"))).toEqual(["slow-work-1 healed"]);
    expect(play.work.extraMs()).toBe(0);
  });
});

describe("an injection that does not end in time", () => {
  it("is noted, and healed after it has ended after all: not before it breaks something", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const order: string[] = [];
    let goOn = (): void => undefined;
    const isCut = new Promise<void>((resolve) => (goOn = resolve));
    const setEnabled = async (isEnabled: boolean): Promise<void> => {
      if (!isEnabled) await isCut;
      order.push(isEnabled ? "up" : "down");
    };
    const play = new Play([{ kind: "link-down", injectAtMs: [0] }], {
      link: { setEnabled } as Link,
    });
    const injecting = play.schedule.injectFirst();
    await vi.advanceTimersByTimeAsync(10_000);
    await injecting;
    expect(play.notes).toEqual([
      "link-down-1 injected",
      "link-down-1 error: injecting link-down-1 did not finish within 10000 ms",
    ]);
    const healing = play.schedule.healAll();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(order).toEqual([]);
    goOn();
    await healing;
    expect(order).toEqual(["down", "up"]);
    expect(play.notes.at(-1)).toBe("link-down-1 healed");
  });
});

describe("the steady state", () => {
  const steadyState = { claims: 10, errors: 0.1, withinMs: 30 };

  it("is waited for before any fault, also one from the start", async () => {
    const wanted = { ...steadyState, withinMs: 60_000 };
    const play = await new Play([{ injectAtMs: [0] }], { steadyState: wanted }).begin();
    expect(play.notes).toEqual([]);
    play.claims(10);
    await expect.poll(play.standing).toBe(1);
    await play.end();
  });

  it("that is not reached in time lets no fault in, and says why", async () => {
    const play = await new Play([{ injectAtMs: [0] }, { afterClaims: 1 }], { steadyState }).begin();
    play.claims(3);
    await expect.poll(() => play.notes.length).toBe(2);
    await play.end();
    const why = "not injected, for lack of a steady state: 3 of 10 claims were granted within 30ms";
    expect(play.notes).toEqual([`slow-work-1 error: ${why}`, `slow-work-2 error: ${why}`]);
  });

  it("is none where too much went wrong before anything was broken", async () => {
    const play = new Play([{ injectAtMs: [1] }], { steadyState });
    play.claims(10);
    play.claims(2, "failed");
    await play.begin();
    await expect
      .poll(() => play.notes)
      .toEqual([
        "slow-work-1 error: not injected, for lack of a steady state: 2 of 12 operations had failed before anything was broken",
      ]);
    await play.end();
  });

  it("by default is one granted claim, and more right than wrong", async () => {
    const play = new Play([{ injectAtMs: [1] }]);
    play.claims(1);
    play.claims(2, "failed");
    await play.begin();
    await expect.poll(() => play.notes.length).toBe(1);
    expect(play.notes[0]).toContain("2 of 3 operations had failed");
    await play.end();
  });

  it("is not asked for where a fault stood from the start", async () => {
    const play = await new Play([{ injectAtMs: [0] }, { injectAtMs: [1] }]).begin();
    await expect.poll(play.standing).toBe(2);
    await play.end();
  });
});
