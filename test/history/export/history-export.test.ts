import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { edn } from "../../../src/history/export/edn.ts";
import { exportHistory } from "../../../src/history/export/history-export.ts";
import type { ExportFormat } from "../../../src/history/export/history-export.ts";
import { jepsenOps } from "../../../src/history/export/jepsen.ts";
import type { JepsenOp } from "../../../src/history/export/jepsen.ts";
import { HistoryBuilder } from "../../histories/builder.ts";
import { legalHistory } from "../../histories/legal-model.ts";
import { wholeRound } from "../../histories/whole-round.ts";
import { readEdn } from "./edn-reader.ts";

const ops = ({ events }: HistoryBuilder): JepsenOp[] => [...jepsenOps(events)];

function lines({ events }: HistoryBuilder, format: ExportFormat): string[] {
  return [...exportHistory(events, format)].join("").split("\n").slice(0, -1);
}

const told = (history: HistoryBuilder): string[] =>
  ops(history).map(({ process, type, f, error }) =>
    [process, type, f, ...(error === undefined ? [] : [error])].join(" "),
  );

describe("a history as Jepsen's operations", () => {
  it("reads so in EDN", () => {
    const history = new HistoryBuilder().enqueue(2).granted(3, 1, 4);
    history.does(3, "start", "failed", { job: 1, attempt: 4, code: "57P01" });
    history.does(3, "complete", "unknown", { job: 1, code: "ECONNRESET" });
    history.fault("disconnect-1", "hit");
    expect(lines(history, "edn")).toEqual([
      "{:index 0, :time 0, :process 0, :type :invoke, :f :enqueue, :value nil}",
      "{:index 1, :time 1000000, :process 0, :type :ok, :f :enqueue, :value {:jobs [[1 2]]}}",
      "{:index 2, :time 2000000, :process 1, :type :invoke, :f :claim, :value nil, :bot 3}",
      "{:index 3, :time 3000000, :process 1, :type :ok, :f :claim, :value {:job 1, :attempt 4}, :bot 3}",
      "{:index 4, :time 4000000, :process 1, :type :invoke, :f :start, :value {:job 1, :attempt 4}, :bot 3}",
      '{:index 5, :time 5000000, :process 1, :type :fail, :f :start, :value {:job 1, :attempt 4}, :error "57P01", :bot 3}',
      "{:index 6, :time 6000000, :process 1, :type :invoke, :f :complete, :value {:job 1}, :bot 3}",
      "{:index 7, :time 7000000, :process 1, :type :info, :f :complete, :value {:job 1}, :error :ECONNRESET, :bot 3}",
      '{:index 8, :time 8000000, :process :nemesis, :type :info, :f :disconnect, :value {:fault "disconnect-1", :kind "disconnect", :event "hit"}}',
    ]);
  });

  it("says fail where nothing was there to claim, and ok where a bot learnt that it holds nothing", () => {
    const history = new HistoryBuilder().does(1, "claim", "empty").does(1, "resume", "empty");
    expect(told(history)).toEqual([
      "0 invoke claim",
      "0 fail claim empty",
      "0 invoke resume",
      "0 ok resume",
    ]);
  });

  it("lets a process die with an operation that may have happened, answered or not", () => {
    const history = new HistoryBuilder().does(1, "claim", "unknown").does(2, "claim", "empty");
    history.does(1, "resume", "empty").invoke(1, "claim").does(1, "resume", "empty");
    expect(told(history)).toEqual([
      "0 invoke claim",
      "0 info claim",
      "1 invoke claim",
      "1 fail claim empty",
      "2 invoke resume",
      "2 ok resume",
      "2 invoke claim",
      "4 invoke resume",
      "4 ok resume",
    ]);
  });

  it("gives an answer that nobody asked for its question", () => {
    const history = new HistoryBuilder().answer(1, "claim", "ok", { job: 5 });
    expect(told(history)).toEqual(["0 invoke claim", "0 ok claim"]);
  });

  it("names the round, where there are rounds", () => {
    const history = new HistoryBuilder().begin().granted(1, 1).end().begin().granted(1, 1).end();
    expect(ops(history).map(({ round }) => round)).toEqual([0, 0, 1, 1]);
    expect(ops(new HistoryBuilder().granted(1, 1))[0]).not.toHaveProperty("round");
  });

  it("is one that Jepsen takes, and the same in EDN and in JSON", () => {
    const options = fc.record({
      seed: fc.nat(),
      bots: fc.integer({ min: 1, max: 6 }),
      jobs: fc.integer({ min: 1, max: 10 }),
      steps: fc.integer({ min: 0, max: 200 }),
      tellsAttempt: fc.boolean(),
      limit: fc.integer({ min: 1, max: 3 }),
      losses: fc.constantFrom(0, 0.3),
      rescues: fc.constantFrom(0, 0.3),
      leaseMs: fc.constantFrom(null, 20),
      takesExpired: fc.boolean(),
      retryMs: fc.constantFrom(0, 10),
      maxAttempts: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(options, (model) => {
        const history = legalHistory(model);
        expect(faultsOf(ops(history))).toEqual([]);
        const json = lines(history, "jepsen-json").map((line) => JSON.parse(line) as unknown);
        expect(lines(history, "edn").map(readEdn)).toEqual(json);
      }),
      { numRuns: 100 },
    );
  });

  it("comes in pieces that are whole lines, and is nothing where nothing was recorded", () => {
    const history = new HistoryBuilder();
    for (let job = 1; job <= 2000; job++) history.granted(1, job);
    const pieces = [...exportHistory(history.events, "edn")];
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.every((piece) => piece.endsWith("\n"))).toBe(true);
    expect([...exportHistory(new HistoryBuilder().events, "edn")]).toEqual([]);
    expect(faultsOf(ops(wholeRound()))).toEqual([]);
  });
});

describe("EDN", () => {
  it("is read back as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(readEdn(edn(plain))).toEqual(plain);
      }),
    );
  });

  it("makes a string of a key that cannot be a keyword", () => {
    expect(edn({ "two words": 'a "b"\n', ok: undefined, "7": [true, null] })).toBe(
      '{"7" [true nil], "two words" "a \\"b\\"\\n"}',
    );
  });
});

/** What Jepsen would refuse: gaps in the index, a process with two operations at once, or one that goes on when it is dead. */
function faultsOf(history: readonly JepsenOp[]): string[] {
  const open = new Map<number, string>();
  const dead = new Set<number>();
  const faults: string[] = [];
  for (const [at, { index, process, type, f }] of history.entries()) {
    if (index !== at) faults.push(`index ${index} at ${at}`);
    if (process === "nemesis") continue;
    if (dead.has(process)) faults.push(`${index}: process ${process} is dead`);
    if (type === "invoke" && open.has(process)) faults.push(`${index}: ${process} is busy`);
    if (type !== "invoke" && open.get(process) !== f) faults.push(`${index}: ${f} was not invoked`);
    if (type === "invoke") open.set(process, f);
    else open.delete(process);
    if (type === "info") dead.add(process);
  }
  return faults;
}
