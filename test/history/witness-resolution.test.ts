import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/history/event.ts";
import { Operations } from "../../src/history/operations.ts";
import { resolveUnknowns } from "../../src/history/witness-resolution.ts";
import type { Resolution } from "../../src/history/witness-resolution.ts";
import type { RoundWitness } from "../../src/history/witness.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { WitnessBuilder } from "../histories/witness-builder.ts";

interface Resolved extends Resolution {
  /** `bot 3 claim: happened`, of each operation that was in doubt, in order. */
  readonly truths: readonly string[];
}

function resolve(history: HistoryBuilder, witness: RoundWitness): Resolved {
  const window = { events: history.events, from: 0, to: history.events.length };
  const operations = new Operations(window);
  const resolution = resolveUnknowns({ ...window, operations }, witness);
  const truths: string[] = [];
  for (let operation = 0; operation < operations.length; operation++) {
    const truth = resolution.truth(operation);
    if (truth === null) continue;
    truths.push(`bot ${operations.bot(operation)} ${operations.op(operation)}: ${truth}`);
  }
  return { ...resolution, truths };
}

/** Asked at `fromMs`, its answer lost at `toMs`. */
function lost(
  history: HistoryBuilder,
  asked: readonly [bot: number, op: Operation, fromMs: number, toMs: number],
  fields: { readonly job?: number; readonly attempt?: number } = {},
): HistoryBuilder {
  const [bot, op, fromMs, toMs] = asked;
  return history
    .at(fromMs)
    .invoke(bot, op, fields)
    .at(toMs)
    .answer(bot, op, "unknown", { ...fields, code: "ECONNRESET" });
}

describe("resolveUnknowns", () => {
  it("a claim that was granted and whose answer never came happened, and its grant was not heard of", () => {
    const history = lost(new HistoryBuilder(), [3, "claim", 10, 20]);
    const resolved = resolve(history, new WitnessBuilder().enqueued(2).granted(3, 1, 15).round());
    expect(resolved.truths).toEqual(["bot 3 claim: happened"]);
    expect(resolved.unheard).toEqual([{ change: 2, job: 1, attempt: 1, bot: 3, operation: 0 }]);
    expect(resolved.unwitnessed).toEqual([]);
  });

  it("a claim that left no grant did not happen", () => {
    const history = lost(new HistoryBuilder(), [3, "claim", 10, 20]);
    const resolved = resolve(history, new WitnessBuilder().enqueued(2).granted(4, 1, 15).round());
    expect(resolved.truths).toEqual(["bot 3 claim: did not happen"]);
  });

  it("nothing is known of what a witness that is not whole does not show", () => {
    const history = lost(new HistoryBuilder(), [3, "claim", 10, 20]);
    lost(history, [4, "claim", 10, 20]);
    const witness = new WitnessBuilder().enqueued(2).granted(4, 1, 15);
    const resolved = resolve(history, witness.round({ isWhole: false }));
    expect(resolved.truths).toEqual(["bot 3 claim: not known", "bot 4 claim: happened"]);
  });

  it("a claim that is still open at the end may have happened, too", () => {
    const history = new HistoryBuilder().at(10).invoke(3, "claim");
    const resolved = resolve(history, new WitnessBuilder().enqueued(1).granted(3, 1, 15).round());
    expect(resolved.truths).toEqual(["bot 3 claim: happened"]);
  });

  it("a grant that the bot learns of by asking was heard of", () => {
    const history = lost(new HistoryBuilder(), [3, "claim", 10, 20]);
    history.at(30).does(3, "resume", "ok", { job: 1, attempt: 1 });
    const resolved = resolve(history, new WitnessBuilder().enqueued(1).granted(3, 1, 15).round());
    expect(resolved.truths).toEqual(["bot 3 claim: happened"]);
    expect(resolved.unheard).toEqual([]);
  });

  it("a grant that another bot took away before it was asked for was not heard of", () => {
    const history = lost(new HistoryBuilder(), [3, "claim", 10, 20]);
    history.at(24).granted(4, 1).at(30).does(3, "resume", "empty");
    const witness = new WitnessBuilder().enqueued(1).granted(3, 1, 15).granted(4, 1, 24.5);
    const resolved = resolve(history, witness.round());
    expect(resolved.truths).toEqual(["bot 3 claim: happened"]);
    expect(resolved.unheard.map(({ bot, attempt }) => [bot, attempt])).toEqual([[3, 1]]);
    expect(resolved.unwitnessed).toEqual([]);
  });

  it("of two claims in doubt, that one happened during which the grant was committed", () => {
    const history = new HistoryBuilder();
    for (const at of [10, 30, 50]) {
      lost(history, [3, "claim", at, at + 5])
        .at(at + 10)
        .does(3, "resume", "empty");
    }
    const witness = new WitnessBuilder().enqueued(1).granted(3, 1, 29.95).released(3, 1, 38);
    expect(resolve(history, witness.round()).truths).toEqual([
      "bot 3 claim: did not happen",
      "bot 3 claim: happened",
      "bot 3 claim: did not happen",
    ]);
  });

  it("one claim in doubt may have been granted several jobs", () => {
    const history = lost(new HistoryBuilder(), [3, "claim", 10, 20]);
    lost(history, [3, "claim", 30, 40]);
    const witness = new WitnessBuilder().enqueued(3).granted(3, [1, 2, 3], 15);
    const resolved = resolve(history, witness.round());
    expect(resolved.truths).toEqual(["bot 3 claim: happened", "bot 3 claim: did not happen"]);
    expect(resolved.unheard.map(({ job, operation }) => [job, operation])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
  });

  it("a grant to a bot that was told `failed` or `empty` belongs to no claim in doubt", () => {
    const history = lost(new HistoryBuilder(), [3, "claim", 10, 20]);
    history.at(30).does(3, "claim", "failed", { code: "40001" });
    history.at(40).does(3, "claim", "empty");
    const witness = new WitnessBuilder().enqueued(2).granted(3, 1, 30.5).granted(3, 2, 40.5);
    const resolved = resolve(history, witness.round());
    expect(resolved.truths).toEqual(["bot 3 claim: did not happen"]);
    expect(resolved.unheard.map(({ job, operation }) => [job, operation])).toEqual([
      [1, null],
      [2, null],
    ]);
  });

  it("a settle in doubt happened when the job shows it", () => {
    const claims = (): HistoryBuilder => new HistoryBuilder().at(10).granted(3, 1, 1);
    const witness = (): WitnessBuilder => new WitnessBuilder().enqueued(1).granted(3, 1, 10.5);
    const at = { job: 1, attempt: 1 };
    const started = lost(claims(), [3, "start", 20, 25], at);
    expect(resolve(started, witness().started(1, 22).round()).truths).toEqual([
      "bot 3 start: happened",
    ]);
    const completed = lost(claims(), [3, "complete", 20, 25], at);
    expect(resolve(completed, witness().completed(3, 1, 22).round()).truths).toEqual([
      "bot 3 complete: happened",
    ]);
    const failed = lost(claims(), [3, "fail", 20, 25], at);
    expect(
      resolve(failed, witness().released(3, 1, 22, { status: "dead" }).round()).truths,
    ).toEqual(["bot 3 fail: happened"]);
    expect(resolve(failed, witness().touched(1, 22).round()).truths).toEqual([
      "bot 3 fail: did not happen",
    ]);
  });

  it("a settle that was done again, and answered, did not happen the first time", () => {
    const at = { job: 1, attempt: 1 };
    const history = lost(new HistoryBuilder().at(10).granted(3, 1, 1), [3, "complete", 20, 25], at);
    history.at(30).does(3, "resume", "ok", at).at(40).completed(3, 1, 1);
    const witness = new WitnessBuilder().enqueued(1).granted(3, 1, 10.5).completed(3, 1, 40.5);
    expect(resolve(history, witness.round()).truths).toEqual(["bot 3 complete: did not happen"]);
  });

  it("the completion of an older attempt is not this attempt's", () => {
    const history = new HistoryBuilder().at(10).granted(3, 1, 1);
    history.at(30).granted(4, 1, 2);
    lost(history, [3, "complete", 40, 45], { job: 1, attempt: 1 });
    history.at(50).completed(4, 1, 2);
    const witness = new WitnessBuilder().enqueued(1).granted(3, 1, 10.5).granted(4, 1, 30.5);
    const resolved = resolve(history, witness.completed(4, 1, 50.5).round());
    expect(resolved.truths).toEqual(["bot 3 complete: did not happen"]);
    expect(resolved.unwitnessed).toEqual([]);
  });

  it("what a rescue returned no bot has failed", () => {
    const at = { job: 1, attempt: 1 };
    const history = lost(new HistoryBuilder().at(10).granted(3, 1, 1), [3, "fail", 20, 50], at);
    history.at(30).invoke(0, "rescue", at).answer(0, "rescue", "ok", at);
    const witness = new WitnessBuilder().enqueued(1).granted(3, 1, 10.5).released(3, 1, 30.5);
    expect(resolve(history, witness.round()).truths).toEqual(["bot 3 fail: did not happen"]);
  });

  it("an answer that the database knows nothing of is told", () => {
    const history = new HistoryBuilder().at(10).granted(3, 1, 1).at(20).completed(3, 1, 1);
    const nothing = new WitnessBuilder().enqueued(1);
    expect(resolve(history, nothing.round()).unwitnessed).toEqual([0, 1]);
    expect(resolve(history, nothing.round({ isWhole: false })).unwitnessed).toEqual([]);
    const claimOnly = new WitnessBuilder().enqueued(1).granted(3, 1, 10.5);
    expect(resolve(history, claimOnly.round()).unwitnessed).toEqual([1]);
  });

  it("a claim that took the job out of the table is known, of one bot and at its time", () => {
    const history = new HistoryBuilder().at(10).granted(3, 1, 1).at(20).granted(4, 1, 1);
    history.at(30).granted(5, 2, 1);
    const witness = new WitnessBuilder().enqueued(2).deleted(1, 10.5).deleted(2, 50);
    expect(resolve(history, witness.round()).unwitnessed).toEqual([1, 2]);
  });

  it("an answer without an attempt is found by its time", () => {
    const history = lost(new HistoryBuilder(), [3, "claim", 10, 20]);
    history.at(30).does(3, "resume", "empty").at(40).granted(3, 1);
    const witness = new WitnessBuilder().enqueued(1);
    witness.granted(3, 1, 15).released(3, 1, 25).granted(3, 1, 40.5);
    const resolved = resolve(history, witness.round());
    expect(resolved.truths).toEqual(["bot 3 claim: happened"]);
    expect(resolved.unheard.map(({ attempt }) => attempt)).toEqual([1]);
  });

  it("answers without an attempt that overlap each find a change, if there is a way for all to", () => {
    const history = new HistoryBuilder().at(10).granted(3, 1).at(12).granted(4, 1);
    history.at(20).invoke(3, "start", { job: 1 }).at(22).invoke(4, "start", { job: 1 });
    history.at(24).answer(4, "start", "ok", { job: 1 }).at(40).answer(3, "start", "ok", { job: 1 });
    const witness = new WitnessBuilder().enqueued(1).granted(3, 1, 10.5).granted(4, 1, 12.5);
    witness.started(1, 23).granted(5, 1, 30).started(1, 35);
    expect(resolve(history, witness.round()).unwitnessed).toEqual([]);
    const once = new WitnessBuilder().enqueued(1).granted(3, 1, 10.5).granted(4, 1, 12.5);
    expect(resolve(history, once.started(1, 23).round()).unwitnessed).toEqual([2]);
  });

  it("order alone decides where the clocks could not be compared", () => {
    const history = lost(new HistoryBuilder(), [3, "claim", 10, 20]);
    history.at(30).granted(3, 2, 1);
    const witness = new WitnessBuilder().enqueued(2).granted(3, 1, 9000).granted(3, 2, 9001);
    const resolved = resolve(history, witness.round({ uncertaintyNs: null }));
    expect(resolved.truths).toEqual(["bot 3 claim: happened"]);
    expect(resolved.unheard.map(({ job }) => job)).toEqual([1]);
  });
});
