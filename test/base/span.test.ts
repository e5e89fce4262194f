import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { Span } from "../../src/base/span.ts";
import { sleep } from "../../src/base/timer.ts";

const forever = 60_000;

describe("a span", () => {
  it("ends at its deadline, even where nobody holds it and memory is collected meanwhile", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { signal } = new Span({ outer: new Span().signal, deadlineMs: 50 });
    const collecting = setInterval(collect, 5);
    await sleep(forever, signal);
    expect(signal.aborted).toBe(true);
    clearInterval(collecting);
  });

  it("knows that it was the deadline that ended it", async () => {
    using expired = new Span({ deadlineMs: 1 });
    await sleep(forever, expired.signal);
    expect(expired.isExpired).toBe(true);
    using ended = new Span({ deadlineMs: forever });
    ended.end();
    expect(ended.isExpired).toBe(false);
  });

  it("ends with the outer one, also where that has ended already", async () => {
    const outer = new Span();
    const inner = new Span({ outer: outer.signal });
    outer.end();
    expect(inner.signal.aborted).toBe(true);
    expect(new Span({ outer: outer.signal }).signal.aborted).toBe(true);
  });
});
