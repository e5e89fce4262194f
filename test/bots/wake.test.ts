import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { Bot } from "../../src/bots/bot.ts";
import { LocalCrew } from "../../src/bots/crew.ts";
import { drain } from "../../src/bots/load/drain.ts";
import { Notified } from "../../src/bots/wake/notified.ts";
import type { Listener, ListenerEvents, NotifiedOptions } from "../../src/bots/wake/notified.ts";
import type { Rest, Wake } from "../../src/bots/wake.ts";
import type { Claim } from "../../src/service/claim-run.ts";
import type { Outcome } from "../../src/service/outcome.ts";
import { empty, ScriptedTarget } from "./scripted-target.ts";

/** A connection that the test loses and finds again; what is sent meanwhile goes nowhere. */
class FakeListener implements Listener {
  isOpen = false;
  readonly #events: ListenerEvents;

  constructor(events: ListenerEvents) {
    this.#events = events;
  }

  listen = async (): Promise<boolean> => {
    this.isOpen = true;
    return true;
  };

  notify(): void {
    if (this.isOpen) this.#events.notified();
  }

  lose(): void {
    this.isOpen = false;
  }

  reopen(): void {
    this.isOpen = true;
    this.#events.reopened();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isOpen = false;
  }
}

/** Longer than any test: who waits for so long waits for ever. */
const neverMs = 600_000;

let listener: FakeListener;
let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => stop.abort());

function notified(options: Partial<Omit<NotifiedOptions, "makeListener">> = {}): Wake {
  const makeListener = (events: ListenerEvents): FakeListener =>
    (listener = new FakeListener(events));
  return new Notified({ catchUp: true, ...options, makeListener });
}

/** Has asked, and found nothing. */
async function idle(wake: Wake): Promise<Rest> {
  await wake.listen(stop.signal);
  const rest = wake.rest();
  rest.ask();
  rest.foundNothing();
  return rest;
}

/** Whether it is over once everything has had its turn that waits for no timer. */
async function isOver(rest: Rest): Promise<boolean> {
  let over = false;
  void rest.over(stop.signal).then(() => (over = true));
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  return over;
}

describe("a bot that waits to be told", () => {
  it("is woken by a notification, and all others with it", async () => {
    const wake = notified();
    const rests = [await idle(wake), await idle(wake)];
    const woken = Promise.all(rests.map((rest) => rest.over(stop.signal)));
    listener.notify();
    await woken;
    expect(rests.map(({ isWaiting }) => isWaiting)).toEqual([false, false]);
  });

  it("does not wait where it found something, nor where it was told while it asked", async () => {
    const wake = notified();
    await wake.listen(stop.signal);
    const rest = wake.rest();
    await rest.over(stop.signal);
    rest.ask();
    listener.notify();
    rest.foundNothing();
    await rest.over(stop.signal);
    expect(rest.isWaiting).toBe(false);
  });

  it("waits on where it was told before it asked", async () => {
    const wake = notified();
    await wake.listen(stop.signal);
    listener.notify();
    expect(await isOver(await idle(wake))).toBe(false);
  });

  it("asks by itself after its time, and not where it has none", async () => {
    const patient = await idle(notified({ pollMs: neverMs }));
    const silent = await idle(notified());
    expect([await isOver(patient), await isOver(silent)]).toEqual([false, false]);
    const polling = await idle(notified({ pollMs: 1 }));
    await polling.over(stop.signal);
    expect(polling.isWaiting).toBe(false);
  });

  it("is not told of what was sent while nobody listened", async () => {
    const rest = await idle(notified());
    listener.lose();
    listener.notify();
    expect(await isOver(rest)).toBe(false);
  });

  it("looks once after the listener has come back, where it catches up", async () => {
    const wake = notified();
    const rest = await idle(wake);
    listener.lose();
    listener.reopen();
    await rest.over(stop.signal);
    rest.ask();
    rest.foundNothing();
    expect(await isOver(rest)).toBe(false);
  });

  it("does not where it does not catch up; the next notification wakes it", async () => {
    const rest = await idle(notified({ catchUp: false }));
    listener.lose();
    listener.reopen();
    expect(await isOver(rest)).toBe(false);
    listener.notify();
    expect(await isOver(rest)).toBe(true);
  });

  it("goes on waiting from one phase to the next, and keeps to the time it was to ask", async () => {
    const rest = await idle(notified());
    const phase = new AbortController();
    const waiting = rest.over(phase.signal);
    phase.abort();
    await waiting;
    expect(rest.isWaiting).toBe(true);
    expect(await isOver(rest)).toBe(false);
  });
});

/** A queue in memory. */
class Queue extends ScriptedTarget {
  readonly done: number[] = [];
  asked = 0;
  #pending = 0;
  #next = 1;

  add(): void {
    this.#pending++;
  }

  get left(): number {
    return this.#pending;
  }

  override claim = async (): Promise<Outcome<readonly Claim[]>> => {
    this.asked++;
    if (this.#pending === 0) return empty;
    this.#pending--;
    return { kind: "ok", value: [{ job: this.#next++, attempt: 1 }] };
  };

  override settle = async ({ claim }: { claim: Claim }): Promise<Outcome<null>> => {
    this.done.push(claim.job);
    return { kind: "ok", value: null };
  };
}

describe("a drain with bots that wait to be told", () => {
  const bots = 3;

  function play(queue: Queue, options: Partial<Omit<NotifiedOptions, "makeListener">> = {}) {
    const of = (index: number): Bot =>
      new Bot({
        id: index + 1,
        target: queue,
        record: () => undefined,
        workMs: 0,
        random: seededRandom(index),
      });
    const crew = new LocalCrew(
      Array.from({ length: bots }, (_, index) => of(index)),
      notified(options),
    );
    const isFinished = async (): Promise<boolean> => {
      looks++;
      return queue.left === 0 && queue.done.length === expected;
    };
    const run = (): Promise<void> =>
      drain({ kind: "drain" }, { crew, isFinished, signal: stop.signal });
    return { run, expectJobs: (count: number) => (expected = count) };
  }
  let expected = 0;
  let looks = 0;
  const allAsked = async (queue: Queue): Promise<void> => {
    await expect.poll(() => queue.asked).toBeGreaterThanOrEqual(bots);
  };

  it("goes on while a job is left, and ends when it was told of, done, and nothing is left", async () => {
    const queue = new Queue({});
    const { run, expectJobs } = play(queue);
    expectJobs(1);
    const over = run();
    await allAsked(queue);
    queue.add();
    listener.notify();
    await over;
    expect(queue.done).toEqual([1]);
  });

  it("never ends by itself where the notification is lost, and nobody asks again", async () => {
    const queue = new Queue({});
    const { run, expectJobs } = play(queue);
    expectJobs(1);
    const over = run();
    await allAsked(queue);
    listener.lose();
    queue.add();
    listener.notify();
    let isDone = false;
    void over.then(() => (isDone = true));
    const before = looks;
    await expect.poll(() => looks).toBeGreaterThan(before + 2);
    expect(isDone).toBe(false);
    stop.abort();
    await over;
    expect([queue.asked, queue.done]).toEqual([bots, []]);
  });

  it("a drain after it finds the bots as the one before has left them", async () => {
    const queue = new Queue({});
    const { run, expectJobs } = play(queue);
    expectJobs(0);
    await run();
    expectJobs(1);
    queue.add();
    const over = run();
    expect(queue.asked).toBe(bots);
    listener.notify();
    await over;
    expect(queue.done).toEqual([1]);
  });

  it("ends with the jobs done where bots ask by themselves", async () => {
    const queue = new Queue({});
    const { run, expectJobs } = play(queue, { pollMs: 2 });
    expectJobs(1);
    const over = run();
    await allAsked(queue);
    queue.add();
    await over;
    expect(queue.done).toEqual([1]);
  });
});
