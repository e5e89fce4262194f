import { describe, expect, test } from "vitest";

import { measureLatencies } from "../../../src/report/measure/latencies.ts";
import type { HistoryBuilder } from "../../histories/builder.ts";
import { firstRound, loaded } from "./rounds.ts";

function latencies(tell: (history: HistoryBuilder) => void) {
  const { round, load } = firstRound(loaded(tell));
  const { service, response, toClaim, attempts } = measureLatencies(round, load);
  return {
    service: [...service.values()],
    response: [...response.values()],
    toClaim: [...toClaim.values()],
    attempts,
  };
}

describe("the time until a claim was granted", () => {
  test("is that of the attempt where the first one is granted", () => {
    const { toClaim, attempts } = latencies((history) =>
      history.at(110).invoke(1, "claim").at(115).answer(1, "claim", "ok", { job: 1 }),
    );
    expect(toClaim).toEqual([5]);
    expect(attempts).toBe(1);
  });

  test("includes what was lost on the way, and the pauses between", () => {
    const { toClaim, attempts, service } = latencies((history) => {
      history.at(110).invoke(1, "claim").at(112).answer(1, "claim", "failed", { code: "40001" });
      history.at(120).invoke(1, "claim").at(121).answer(1, "claim", "empty");
      history.at(130).invoke(1, "claim").at(137).answer(1, "claim", "ok", { job: 1 });
    });
    expect(toClaim).toEqual([27]);
    expect(attempts).toBe(3);
    expect(service).toEqual([2, 7]);
  });

  test("of a claim whose answer was lost ends when the bot is told of it", () => {
    const { toClaim } = latencies((history) => {
      history.at(110).invoke(1, "claim").at(112).answer(1, "claim", "unknown");
      history.at(115).invoke(1, "resume").at(118).answer(1, "resume", "ok", { job: 1 });
    });
    expect(toClaim).toEqual([8]);
  });

  test("is not measured where a bot resumes what it knew it had", () => {
    const { toClaim } = latencies((history) => {
      history.granted(1, 1).does(1, "complete", "unknown", { job: 1 });
      history.does(1, "resume", "ok", { job: 1 });
    });
    expect(toClaim).toEqual([1]);
  });

  test("begins anew after a settle", () => {
    const { toClaim } = latencies((history) => {
      history.at(110).granted(1, 1).completed(1, 1).at(150).invoke(1, "claim");
      history.at(153).answer(1, "claim", "ok", { job: 2 });
    });
    expect(toClaim).toEqual([1, 3]);
  });

  test("is each bot's own", () => {
    const { toClaim } = latencies((history) => {
      history.at(110).invoke(1, "claim").at(111).invoke(2, "claim");
      history.at(114).answer(2, "claim", "ok", { job: 1 });
      history.at(119).answer(1, "claim", "ok", { job: 2 });
    });
    expect(toClaim.toSorted((one, other) => one - other)).toEqual([3, 9]);
  });

  test("does not span the barrier between two waves", () => {
    const { toClaim, attempts } = latencies((history) => {
      history.at(110).note("wave", { wave: 1, event: "begin" }).does(1, "claim", "empty");
      history.note("wave", { wave: 1, event: "end" });
      history.at(200).note("wave", { wave: 2, event: "begin" }).at(205).granted(1, 1);
      history.note("wave", { wave: 2, event: "end" });
    });
    expect(toClaim).toEqual([1]);
    expect(attempts).toBe(1);
  });
});

describe("the latency of an attempt", () => {
  test("from its intended start is longer where the bot was late", () => {
    const { service, response } = latencies((history) => {
      history.at(110).invoke(1, "claim", { detail: { intendedAt: 104e6 } });
      history.at(112).answer(1, "claim", "ok", { job: 1 });
    });
    expect(service).toEqual([2]);
    expect(response).toEqual([8]);
  });

  test("is not measured for one that found nothing, or was never answered", () => {
    const { service } = latencies((history) => {
      history.does(1, "claim", "empty").invoke(2, "claim");
    });
    expect(service).toEqual([]);
  });

  test("is measured in the load only", () => {
    const history = loaded((inLoad) => inLoad.granted(1, 1));
    history.phase("drain", "begin").granted(2, 2).phase("drain", "end");
    const { round, load } = firstRound(history);
    expect(measureLatencies(round, load).service.length).toBe(1);
  });
});
