import { describe, expect, it } from "vitest";
import { recoveriesIn } from "../../../src/report/measure/recovery.ts";
import { measureFaults } from "../../../src/report/measure/faults.ts";
import type { FaultResult, RecoveryResult } from "../../../src/report/result.ts";
import { recoveryText } from "../../../src/report/recovery-text.ts";
import type { Load } from "../../../src/scenario/load.ts";
import { evidenceOf } from "../../checks/judged.ts";
import { HistoryBuilder } from "../../histories/builder.ts";
import type { FaultLine } from "../../histories/builder.ts";

type Stretch = readonly [fromMs: number, toMs: number, perSecond: number];

interface Course {
  readonly claims: readonly Stretch[];
  readonly faults: readonly (readonly [ms: number, tell: (history: HistoryBuilder) => unknown])[];
  readonly lines?: readonly FaultLine[];
  readonly endMs?: number;
  readonly jobs?: number;
  readonly load?: Load;
}

const struck = (history: HistoryBuilder): unknown =>
  history.fault("disconnect-1", "injected").fault("disconnect-1", "hit");

/** One round: claims at their rates, and what is broken at its times, in the order of the clock. */
function played(course: Course): HistoryBuilder {
  const { claims, faults, lines = [{ kind: "disconnect" }], endMs = 4000, jobs = 10_000 } = course;
  const history = new HistoryBuilder({ load: course.load ?? { kind: "drain" }, faults: lines });
  history.begin().enqueue(jobs).at(0).phase("load", "begin");
  const grants = claims.flatMap(([fromMs, toMs, perSecond]) =>
    Array.from(
      { length: Math.round(((toMs - fromMs) / 1000) * perSecond) },
      (_, at) => fromMs + (at * 1000) / perSecond,
    ),
  );
  let job = 1;
  const moments = [
    ...grants.map((ms) => [ms, (told: HistoryBuilder) => told.granted(1, job++)] as const),
    ...faults,
  ].toSorted(([one], [other]) => one - other);
  for (const [ms, tell] of moments) tell(history.at(ms));
  return history.at(endMs).phase("load", "end").end();
}

function recoveries(course: Course): readonly RecoveryResult[] {
  const evidence = evidenceOf(played(course));
  return evidence.rounds.flatMap((round) => [...recoveriesIn(round, evidence).values()]);
}

/** 200/s, nothing for `awayMs` from 1 s on, then `after` a second. */
const away = (awayMs: number, after = 200): readonly Stretch[] => [
  [10, 1000, 200],
  [1005 + awayMs, 4000, after],
];

describe("the recovery after an injection", () => {
  it("is the time to the first stretch that is as good as before", () => {
    const [recovery] = recoveries({ claims: away(600), faults: [[1000, struck]] });
    expect(recovery).toEqual({
      kind: "recovered",
      afterHealMs: expect.closeTo(600, -2) as number,
      afterInjectMs: expect.closeTo(600, -2) as number,
    });
  });

  it("is none where nothing was slower", () => {
    const [recovery] = recoveries({ claims: [[10, 4000, 200]], faults: [[1001, struck]] });
    expect(recovery).toMatchObject({ kind: "recovered" });
    expect((recovery as { afterHealMs: number }).afterHealMs).toBeLessThan(20);
  });

  it("counts from the heal of a fault that stands, and from its injection", () => {
    const [recovery] = recoveries({
      claims: away(1500),
      lines: [{ kind: "toxic" }],
      faults: [
        [1000, (told) => told.fault("toxic-1", "injected").fault("toxic-1", "hit")],
        [2000, (told) => told.fault("toxic-1", "healed")],
      ],
    });
    expect(recovery).toEqual({
      kind: "recovered",
      afterHealMs: expect.closeTo(500, -2) as number,
      afterInjectMs: expect.closeTo(1500, -2) as number,
    });
  });

  it("counts a crash as over when the server is up again", () => {
    const [recovery] = recoveries({
      claims: away(900),
      faults: [
        [1000, (told) => told.fault("disconnect-1", "injected")],
        [1800, (told) => told.fault("disconnect-1", "hit")],
      ],
    });
    expect(recovery).toMatchObject({
      afterHealMs: expect.closeTo(100, -2) as number,
      afterInjectMs: expect.closeTo(900, -2) as number,
    });
  });

  it("did not come where claims stay slow to the end", () => {
    expect(recoveries({ claims: away(100, 100), faults: [[1000, struck]] })).toEqual([
      { kind: "not recovered", watchedMs: expect.closeTo(3000, -2) as number, until: "end" },
    ]);
  });

  it("is watched up to the next fault, and is measured after that one again", () => {
    const found = recoveries({
      claims: away(1200),
      faults: [
        [1000, struck],
        [1700, struck],
      ],
    });
    expect(found).toEqual([
      { kind: "not recovered", watchedMs: expect.closeTo(700, -2) as number, until: "next fault" },
      expect.objectContaining({
        kind: "recovered",
        afterHealMs: expect.closeTo(500, -2) as number,
      }),
    ]);
  });

  it("is not measured for what hurt nothing, or could not be injected", () => {
    for (const event of ["missed", "error"] as const) {
      const tell = (told: HistoryBuilder): unknown =>
        told.fault("disconnect-1", "injected").fault("disconnect-1", event);
      expect(recoveries({ claims: away(0), faults: [[1000, tell]] })).toEqual([]);
    }
  });

  it.each<[string, Partial<Course>]>([
    ["8 claims before the first fault, and it takes 50 to know a rate", { faults: [[50, struck]] }],
    [
      "another fault stood or came too soon after it",
      {
        faults: [
          [1000, struck],
          [1050, struck],
        ],
      },
    ],
    ["the load, or its jobs, ended too soon after it", { endMs: 1100 }],
    ["the load, or its jobs, ended too soon after it", { jobs: 200 }],
    ["bots are released in waves", { load: { kind: "rounds", waves: 1 } }],
  ])("is not known, and not zero: %s", (why, course) => {
    const found = recoveries({
      claims: away(0).map(([from, to, rate]) => [from, Math.min(to, course.endMs ?? to), rate]),
      faults: [[1000, struck]],
      ...course,
    });
    expect(found[0]).toEqual({ kind: "unknown", why });
  });

  it("stands beside the span of its injection", () => {
    const history = played({ claims: away(600), faults: [[1000, struck]] });
    const [fault] = measureFaults(evidenceOf(history));
    expect(fault?.spans).toMatchObject([{ recovery: { kind: "recovered" } }]);
  });
});

describe("the recovery of a fault in words", () => {
  const words = (...found: readonly RecoveryResult[]): string | undefined =>
    recoveryText({
      spans: found.map((recovery) => ({ round: 0, fromMs: 0, toMs: 0, recovery })),
    } as unknown as FaultResult);
  const back = (ms: number): RecoveryResult => ({
    kind: "recovered",
    afterHealMs: ms,
    afterInjectMs: ms,
  });

  it.each<[string | undefined, readonly RecoveryResult[]]>([
    [undefined, []],
    ["claims back after 120 ms", [back(120)]],
    ["claims back after 0 ms", [back(0)]],
    ["claims back after 200 ms, median of 3, at most 900 ms", [back(900), back(200), back(100)]],
    [
      "claims not back in 800 ms to the next fault",
      [{ kind: "not recovered", watchedMs: 800, until: "next fault" }],
    ],
    [
      "claims back after 120 ms; claims not back in 800 ms to the end of the load; recovery not known: no claims",
      [
        back(120),
        { kind: "not recovered", watchedMs: 800, until: "end" },
        { kind: "unknown", why: "no claims" },
      ],
    ],
  ])("%s", (text, found) => {
    expect(words(...found)).toBe(text);
  });
});
