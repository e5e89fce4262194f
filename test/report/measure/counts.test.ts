import { describe, expect, test } from "vitest";

import { countClaims, noClaims } from "../../../src/report/measure/claims.ts";
import { costPerClaim } from "../../../src/report/measure/cost.ts";
import { measureFaults } from "../../../src/report/measure/faults.ts";
import { worstDisagreement } from "../../../src/report/measure/inconsistencies.ts";
import { evidenceOf } from "../../checks/judged.ts";
import { HistoryBuilder } from "../../histories/builder.ts";
import { firstRound, loaded } from "./rounds.ts";

function counts(tell: (history: HistoryBuilder) => void) {
  const { round } = firstRound(loaded(tell));
  const claims = noClaims();
  countClaims(round, claims);
  return claims;
}

describe("claims", () => {
  test("are counted by how they ended; a conflict is not a failure", () => {
    const claims = counts((history) => {
      history.granted(1, 1).does(1, "claim", "empty");
      for (const code of ["40001", "40P01", "55P03", "LOST-RACE"]) {
        history.does(1, "claim", "failed", { code });
      }
      history.does(1, "claim", "failed", { code: "57P01" }).invoke(2, "claim");
    });
    expect(claims).toEqual({ granted: 1, empty: 1, conflicts: 4, failed: 1, unknown: 1 });
  });

  test("of which the bot was told later are unknown, and granted as well", () => {
    const claims = counts((history) => {
      history.does(1, "claim", "unknown").does(1, "resume", "unknown");
      history.does(1, "resume", "ok", { job: 1 }).does(1, "resume", "ok", { job: 1 });
      history.does(2, "claim", "unknown").does(2, "resume", "empty");
      history.granted(3, 3).does(3, "complete", "unknown", { job: 3 });
      history.does(3, "resume", "ok", { job: 3 });
    });
    expect(claims).toMatchObject({ granted: 2, unknown: 2 });
  });

  test("that grant several jobs are as many grants", () => {
    const more = [{ job: 2 }, { job: 3 }];
    expect(
      counts((history) => history.does(1, "claim", "ok", { job: 1, detail: { more } })).granted,
    ).toBe(3);
  });
});

describe("faults", () => {
  test("that last are spans, from their injection to their heal or the end of the load", () => {
    const history = loaded(
      (inLoad) => {
        inLoad.at(110).fault("toxic-1", "injected").at(150).fault("toxic-1", "healed");
        inLoad.at(199);
      },
      { faults: [{ kind: "toxic", settings: { type: "bandwidth" } }] },
    );
    const [fault] = measureFaults(evidenceOf(history));
    expect(fault?.spans).toMatchObject([{ round: 0, fromMs: 10, toMs: 50 }]);
  });

  test("that stood before the first bot moved are drawn from the begin of the load", () => {
    const faults = [{ kind: "toxic", settings: { type: "bandwidth" } }];
    const history = new HistoryBuilder({ faults }).begin().phase("prepare", "begin");
    history.at(50).fault("toxic-1", "injected").phase("prepare", "end");
    history.at(100).phase("load", "begin").at(199).phase("load", "end");
    history.fault("toxic-1", "healed");
    const [fault] = measureFaults(evidenceOf(history));
    expect(fault?.injected).toBe(1);
    expect(fault?.spans).toMatchObject([{ round: 0, fromMs: 0, toMs: 99 }]);
  });

  test("that strike are moments, though they are healed at the end like all others", () => {
    const history = loaded(
      (inLoad) => {
        inLoad.at(120).fault("disconnect-1", "injected").fault("disconnect-1", "hit");
        inLoad.at(190).fault("disconnect-1", "healed");
      },
      { faults: [{ kind: "disconnect" }] },
    );
    const [fault] = measureFaults(evidenceOf(history));
    expect(fault).toMatchObject({ fault: "disconnect-1", injected: 1, hit: 1 });
    expect(fault?.spans).toMatchObject([{ round: 0, fromMs: 20, toMs: 20 }]);
  });

  test("that were planned and never injected are there, without a span", () => {
    const history = loaded((inLoad) => inLoad.granted(1, 1), { faults: [{ kind: "disconnect" }] });
    expect(measureFaults(evidenceOf(history))).toMatchObject([{ injected: 0, hit: 0, spans: [] }]);
  });
});

test("inconsistencies are those of the worst snapshot, not their sum", () => {
  const history = loaded((inLoad) => inLoad.agreement(3).agreement(0).agreement(5).agreement(2));
  expect(worstDisagreement(evidenceOf(history).rounds)).toBe(5);
});

describe("cost per claim", () => {
  const cost = { statements: 30, roundTrips: 20 };

  test("is the total over the rounds that know it, by what it bought", () => {
    const rounds = [
      { cost, grants: 10 },
      { cost: { statements: 90, roundTrips: 20 }, grants: 30 },
      { cost: undefined, grants: 1000 },
    ];
    expect(costPerClaim(rounds, "statements")).toBe(3);
  });

  test("is not known where the server may not be asked, or nothing was granted", () => {
    expect(costPerClaim([{ cost, grants: 10 }], "walBytes")).toBeNull();
    expect(costPerClaim([{ cost, grants: 0 }], "statements")).toBeNull();
  });
});
