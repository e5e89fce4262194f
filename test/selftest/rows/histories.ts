import { join } from "node:path";
import { packageRoot } from "../../../src/base/package-root.ts";
import { collectEvidence } from "../../../src/checks/evidence.ts";
import { judgeStrategy } from "../../../src/checks/judge.ts";
import { readHistory } from "../../../src/history/reader.ts";
import { evidenceOf } from "../../checks/judged.ts";
import { HistoryBuilder } from "../../histories/builder.ts";
import { wholeRound } from "../../histories/whole-round.ts";
import { WitnessBuilder } from "../../histories/witness-builder.ts";
import type { Row } from "../row.ts";

/** By hand, where a run would take seconds or must not go as it should. */
const built: Readonly<Record<string, Built>> = {
  "empty answers while jobs wait, by the witness": {
    caughtBy: "no-false-empty",
    history: () =>
      new HistoryBuilder().begin().enqueue(3).granted(1, 1, 1).does(2, "claim", "empty").end(),
    witness: new WitnessBuilder().enqueued(3, 1.5).granted(1, 1, 3.5).granted(1, 2, 30),
  },
  "a lease that runs out and nobody takes the job back": {
    caughtBy: "rescued-in-time",
    history: () => leased().phase("drain", "begin").at(5000).phase("drain", "end").end(),
  },
  "a rescue that comes when the lease has long run out": {
    caughtBy: "rescued-in-time",
    history: () => leased().at(4500).rescued(5).phase("drain", "begin").phase("drain", "end").end(),
  },
  "a job that nobody rescues though rescues are made": {
    caughtBy: "rescued-in-time",
    history: () => rescuing().at(500).rescuedClaims().at(1500).rescuedClaims().at(4000).end(),
  },
  "a rescue that takes a live lease": {
    caughtBy: "rescued-in-time",
    history: () => rescuing().rescuedClaims({ job: 5, attempt: 1, bot: 1 }).end(),
  },
  "a rescue that takes a live lease, and two bots at work": {
    caughtBy: "no-overlap",
    history: () => {
      const history = rescuing().does(1, "start", "ok", { job: 5, attempt: 1 });
      history.rescuedClaims({ job: 5, attempt: 1, bot: 1 }).granted(2, 5, 2);
      return history.does(2, "start", "ok", { job: 5, attempt: 2 }).completed(2, 5, 2).end();
    },
  },
  "a job granted to another while a heartbeat had made its lease longer": {
    caughtBy: "single-grant",
    history: () => rescuing().at(150).heartbeat(1, 5, 1).at(320).granted(2, 5, 2).end(),
  },
  "a job granted to another within its lease, by its row's own times": {
    caughtBy: "single-grant",
    history: () => rescuing().at(400).granted(2, 5, 2).end(),
    witness: new WitnessBuilder("decoding", 200).enqueued(5).granted(1, 5, 2).granted(2, 5, 190),
  },
  "a heartbeat accepted from a bot whose job another has": {
    caughtBy: "fenced-settle",
    history: () => rescuing().at(300).granted(2, 5, 2).heartbeat(1, 5, 1).end(),
  },
  "a heartbeat accepted when the job is done": {
    caughtBy: "terminal-states",
    history: () => rescuing().completed(1, 5, 1).heartbeat(1, 5, 1).end(),
  },
  "a settled job that a rescue makes pending again": {
    caughtBy: "terminal-states",
    history: () =>
      rescuing().at(300).completed(1, 5, 1).rescuedClaims({ job: 5, attempt: 1, bot: 1 }).end(),
  },
  "a settled job that a rescue makes pending again, by the witness": {
    caughtBy: "terminal-states",
    history: () => rescuing().at(300).does(1, "complete", "unknown", { job: 5, attempt: 1 }).end(),
    witness: new WitnessBuilder("decoding", 200)
      .enqueued(5)
      .granted(1, 5, 2)
      .completed(1, 5, 300.5)
      .released(1, 5, 302),
  },
  "a retry that comes at once though it must wait": {
    caughtBy: "single-grant",
    history: () =>
      rescuing().failed(1, 5, { status: "pending", retryInMs: 500 }).granted(2, 5, 2).end(),
  },
  "a retry that does not wait as long as the round says": {
    caughtBy: "single-grant",
    history: () => rescuing().released(1, 5, 1).at(60).granted(2, 5, 2).end(),
  },
  "a dead letter that comes back": {
    caughtBy: "terminal-states",
    history: () => rescuing().failed(1, 5, { status: "dead" }).granted(2, 5, 2).end(),
  },
  "a dead letter that comes back, by the witness": {
    caughtBy: "terminal-states",
    history: () => rescuing().does(1, "fail", "unknown", { job: 5, attempt: 1 }).end(),
    witness: new WitnessBuilder("decoding", 200)
      .enqueued(5)
      .granted(1, 5, 2)
      .released(1, 5, 4.5, { status: "dead" })
      .released(1, 5, 9),
  },
  "an overlap after the lease ran out": {
    caughtBy: null,
    history: () => {
      const history = rescuing().does(1, "start", "ok", { job: 5, attempt: 1 }).at(300);
      history.rescuedClaims({ job: 5, attempt: 1, bot: 1 }).granted(2, 5, 2);
      history.does(2, "start", "ok", { job: 5, attempt: 2 });
      history.does(1, "complete", "empty", { job: 5, attempt: 1 });
      return history.completed(2, 5, 2).end();
    },
  },
  "a job granted again by itself when its lease ran out": {
    caughtBy: null,
    history: () => rescuing().at(300).granted(2, 5, 2).completed(2, 5, 2).end(),
  },
  "a rescue that is late, and within the bound": {
    caughtBy: null,
    history: () =>
      rescuing().at(300).rescuedClaims().at(1200).rescuedClaims({ job: 5, attempt: 1 }).end(),
  },
  "a dead letter that is redriven, and done": {
    caughtBy: null,
    history: () => {
      const history = rescuing().failed(1, 5, { status: "dead" }).redriven(5);
      return history.granted(2, 5, 2).completed(2, 5, 2).end();
    },
  },
  "a retry that waits as long as the round says": {
    caughtBy: null,
    history: () => rescuing().released(1, 5, 1).at(120).granted(2, 5, 2).completed(2, 5, 2).end(),
  },
  "two jobs of one key at once": {
    caughtBy: "serial-keys",
    history: () => keyed().granted(1, 1, 1).granted(2, 3, 1).end(),
  },
  "a job that overtakes the one before it in its key": {
    caughtBy: "serial-keys",
    history: () => keyed().granted(1, 3, 1).completed(1, 3, 1).granted(2, 1, 1).end(),
  },
  "a job that overtakes one of its key, by the witness": {
    caughtBy: "serial-keys",
    history: () => keyed().does(1, "claim", "unknown").granted(2, 1, 1).end(),
    witness: new WitnessBuilder().enqueued(4, 1.5).granted(1, 3, 3.5).granted(2, 1, 5.5),
  },
  "jobs of two keys, one of each at a time": {
    caughtBy: null,
    history: () => {
      const history = keyed().granted(1, 1, 1).granted(2, 2, 1).completed(1, 1, 1);
      return history.granted(1, 3, 1).completed(2, 2, 1).granted(2, 4, 1).end();
    },
  },
  "claims that stand still after a disconnect": {
    caughtBy: "recovered",
    history: () => disturbed(2),
  },
  "claims at half their rate after every disconnect": {
    caughtBy: "recovered",
    history: () => disturbed(100),
  },
  "a run of one bot": {
    caughtBy: "enough-evidence",
    history: () => wholeRound({ bots: 1 }),
  },
  "a run whose fault hit nothing": {
    caughtBy: "enough-evidence",
    history: () => wholeRound({ faults: [{ kind: "disconnect" }] }),
  },
  "a run that was cut short": {
    caughtBy: "enough-evidence",
    history: () => wholeRound({ cutShort: true }),
  },
  "a whole round": { caughtBy: null, history: () => wholeRound() },
  "claims at their old rate after every disconnect": {
    caughtBy: null,
    history: () => disturbed(190),
  },
};

interface Built {
  readonly caughtBy: string | null;
  readonly history: () => HistoryBuilder;
  readonly witness?: WitnessBuilder;
}

/** Files of `test/histories`, as other systems write them. */
const wrong: Readonly<Record<string, string>> = {
  "bot-points-at-nothing": "jobs-bots-agree",
  "completed-twice": "nothing-lost",
  "effect-retried-after-an-unknown-commit": "effect-once",
  "limit-overrun": "no-over-claim",
  "poisoned-head": "no-head-of-line-block",
  "pop-before-work": "nothing-lost",
  "rescue-of-a-completed-job": "terminal-states",
  "reused-attempt": "single-grant",
  "select-then-update": "single-grant",
  "stranded-claim": "drained",
  "two-bots-at-work": "no-overlap",
  "zombie-complete": "fenced-settle",
};

export const histories: readonly Row[] = [
  ...Object.entries(wrong).map(([name, caughtBy]) => recorded(name, caughtBy)),
  recorded("legal", null),
  ...Object.entries(built).map(([name, one]) => byHand(name, one)),
];

function byHand(name: string, { caughtBy, history: build, witness }: Built): Row {
  return {
    name,
    kind: "history",
    caughtBy,
    run: async () => judgeStrategy(evidenceOf(build(), witness?.round())),
  };
}

/** Bot 1 is granted job 5, whose claim is good for two seconds. */
function leased(): HistoryBuilder {
  const round = { round: 0, strategy: "tested", role: "subject", constraints: true } as const;
  const begin = { event: "begin", ...round, leaseMs: 2000 } as const;
  return new HistoryBuilder().note("round", begin).at(10).granted(1, 5, 1);
}

/**
 * Bot 1 is granted job 5. Claims are good for 200 ms, somebody looks for expired ones every 100 ms, and a job that
 * failed waits 100 ms.
 */
function rescuing(): HistoryBuilder {
  const retry = { baseMs: 100, capMs: 100, jitter: 0 };
  const leases = { leaseMs: 200, rescueEveryMs: 100, retry };
  return new HistoryBuilder({ leases }).begin().granted(1, 5, 1);
}

/** Jobs 1 and 3 have one key, 2 and 4 the other. */
function keyed(): HistoryBuilder {
  return new HistoryBuilder().begin().enqueueKeyed(4, 2);
}

/** Two rounds: 200 grants a second, a disconnect after one second, and then so many for seven. */
function disturbed(perSecondAfter: number): HistoryBuilder {
  const history = new HistoryBuilder({ faults: [{ kind: "disconnect" }] });
  for (let round = 0; round < 2; round++) {
    history.at(0).begin().enqueue(10_000).phase("load", "begin");
    let job = 1;
    const claims = (fromMs: number, toMs: number, everyMs: number): void => {
      for (let ms = fromMs; ms < toMs; ms += everyMs) history.at(ms).granted(1, job++);
    };
    claims(10, 1000, 5);
    history.at(1000).fault("disconnect-1", "injected").fault("disconnect-1", "hit");
    claims(1010, 8000, 1000 / perSecondAfter);
    history.at(8000).phase("load", "end").end();
  }
  return history;
}

function recorded(name: string, caughtBy: string | null): Row {
  const file = join(packageRoot, "test", "histories", `${name}.ndjson`);
  return {
    name,
    kind: "history",
    caughtBy,
    run: async () => {
      const { header, events } = await readHistory(file);
      const [evidence] = collectEvidence(header, events);
      if (evidence === undefined) throw new Error(`${name} tells of no strategy`);
      return judgeStrategy(evidence);
    },
  };
}
