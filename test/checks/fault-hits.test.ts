import { describe, expect, it } from "vitest";
import { countFaultHits } from "../../src/checks/fault-hits.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { evidenceOf } from "./judged.ts";

function toxic(type: string, attributes: Readonly<Record<string, number>> = {}): HistoryBuilder {
  const settings = { link: "postgres", type, attributes };
  return new HistoryBuilder({ faults: [{ kind: "toxic", settings }] }).begin();
}

function hits(history: HistoryBuilder): unknown {
  return countFaultHits(evidenceOf(history)).map(({ injected, hit }) => [injected, hit]);
}

/** A claim of so many milliseconds. */
function claimOf(
  history: HistoryBuilder,
  { fromMs, ms }: { readonly fromMs: number; readonly ms: number },
): HistoryBuilder {
  return history
    .at(fromMs)
    .invoke(1, "claim")
    .at(fromMs + ms)
    .answer(1, "claim", "empty");
}

describe("fault hits", () => {
  it("are told by the fault where it knows", () => {
    const history = new HistoryBuilder({
      faults: [{ kind: "disconnect" }, { kind: "kill-connection" }],
    });
    history.begin().fault("disconnect-1", "injected").fault("disconnect-1", "hit");
    history.fault("disconnect-1", "injected").fault("disconnect-1", "missed");
    expect(countFaultHits(evidenceOf(history))).toEqual([
      { fault: "disconnect-1", kind: "disconnect", injected: 2, hit: 1 },
      { fault: "kill-connection-2", kind: "kill-connection", injected: 0, hit: 0 },
    ]);
  });

  it("of latency are the operations that lasted as long, while it stood", () => {
    const history = toxic("latency", { latency: 20, jitter: 5 });
    claimOf(history, { fromMs: 1, ms: 30 }).at(100).fault("toxic-1", "injected");
    claimOf(history, { fromMs: 101, ms: 15 });
    claimOf(history, { fromMs: 120, ms: 14 });
    claimOf(history, { fromMs: 140, ms: 30 }).at(180).fault("toxic-1", "healed");
    claimOf(history, { fromMs: 190, ms: 30 });
    expect(hits(history)).toEqual([[1, 2]]);
  });

  it("of a toxic that cuts are the operations and connections lost while it stood", () => {
    const history = toxic("reset_peer").fault("toxic-1", "injected");
    history.does(1, "claim", "unknown", { code: "ECONNRESET" });
    history.does(1, "claim", "failed", { code: "23505" });
    history.does(1, "claim", "failed", { code: "LOST-RACE" });
    history.note("connection", { event: "lost" }, 2);
    history.fault("toxic-1", "healed").note("connection", { event: "lost" }, 2);
    expect(hits(history)).toEqual([[1, 2]]);
  });

  it("of a toxic that is never healed end with the load", () => {
    const history = toxic("bandwidth").phase("load", "begin").fault("toxic-1", "injected");
    history.does(1, "claim", "empty").phase("load", "end").does(1, "claim", "empty");
    expect(hits(history)).toEqual([[1, 1]]);
  });

  it("are none while nothing was injected", () => {
    expect(hits(toxic("latency", { latency: 0 }).does(1, "claim", "empty"))).toEqual([[0, 0]]);
  });
});
