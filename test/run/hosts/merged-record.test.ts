import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/base/clock.ts";
import type { Observation } from "../../../src/history/recorder.ts";
import { MergedRecord } from "../../../src/run/hosts/merged-record.ts";

class Hand implements Clock {
  readonly originNs = 0n;
  at = 0;

  now(): number {
    return this.at;
  }
}

const claim = (bot: number, t: number): Observation => ({ op: "claim", type: "invoke", bot, t });

function merged(): { clock: Hand; written: Observation[]; record: MergedRecord } {
  const clock = new Hand();
  const written: Observation[] = [];
  return { clock, written, record: new MergedRecord((event) => void written.push(event), clock) };
}

const times = (events: readonly Observation[]): (number | undefined)[] => events.map(({ t }) => t);

describe("a merged record", () => {
  it("writes at once where there is only one process", () => {
    const { clock, written, record } = merged();
    clock.at = 5;
    record.record({ op: "claim", type: "invoke", bot: 1 });
    expect(times(written)).toEqual([5]);
  });

  it("holds back what happened later than a process has told of, its own events too", () => {
    const { clock, written, record } = merged();
    const [one, two] = [record.open(), record.open()];
    one.tell([claim(1, 3), claim(1, 5), claim(1, 8)], 9);
    clock.at = 6;
    record.record({ op: "rescue", type: "invoke" });
    expect(times(written)).toEqual([]);
    two.tell([claim(2, 4)], 7);
    expect(times(written)).toEqual([3, 4, 5, 6]);
    two.tell([], 20);
    expect(times(written)).toEqual([3, 4, 5, 6, 8]);
  });

  it("does not wait for a process that has ended, and keeps all that it told", () => {
    const { clock, written, record } = merged();
    const [dead, stopped] = [record.open(), record.open()];
    dead.tell([claim(1, 2), claim(1, 9)], 9);
    clock.at = 12;
    record.record({ op: "rescue", type: "invoke" });
    dead.end();
    dead.end();
    expect(times(written)).toEqual([]);
    stopped.tell([], 10);
    expect(times(written)).toEqual([2, 9]);
    stopped.end();
    expect(times(written)).toEqual([2, 9, 12]);
    clock.at = 13;
    record.record({ op: "rescue", type: "empty" });
    expect(times(written)).toEqual([2, 9, 12, 13]);
  });

  it("loses nothing and is in order of time, however reports are cut and mixed", () => {
    const step = fc.record({ source: fc.nat(3), events: fc.nat(3), ends: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, written, record } = merged();
        const sources = Array.from({ length: 4 }, () => ({
          ...record.open(),
          held: [claim(0, 0)],
        }));
        for (const source of sources) source.held.length = 0;
        let expected = 0;
        for (const { source: which, events, ends } of steps) {
          const source = sources[which];
          for (let n = 0; n < events; n++) {
            // Something happens here, and something elsewhere, which is not told yet.
            source?.held.push(claim(which, ++clock.at));
            clock.at++;
            record.record({ op: "rescue", type: "invoke" });
            expected += 2;
          }
          if (!ends) continue;
          source?.tell(source.held.splice(0), clock.at);
        }
        for (const source of sources) {
          source.tell(source.held.splice(0), clock.at);
          source.end();
        }
        const seen = times(written) as number[];
        expect(seen).toHaveLength(expected);
        expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      }),
    );
  });
});
