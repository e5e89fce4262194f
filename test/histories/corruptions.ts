import type { EnqueueDetail, FailDetail, FinalDetail, HistoryEvent, InspectDetail } from "../../src/history/event.ts";

/** One thing done wrong to a legal history, and the check that must see it. */
export interface Corruption {
  readonly name: string;
  readonly check: string;
  /** A rescue at the right moment would make it legal, so there must be none. */
  readonly isExcusedByRescue?: boolean;
  /** It is wrong only while a lease holds. */
  readonly needsLease?: boolean;
  /** Undefined: the history has no place for it. `place` picks one of several. */
  readonly corrupt: (
    events: readonly HistoryEvent[],
    place: number,
  ) => readonly HistoryEvent[] | undefined;
}

type Event = Omit<HistoryEvent, "i">;

/** A bot that is in no history of the model. */
const stranger = 99;

export const corruptions: readonly Corruption[] = [
  {
    name: "a job that is granted to a second bot",
    check: "single-grant",
    isExcusedByRescue: true,
    corrupt: (events, place) =>
      insertAfter(events, {
        place,
        where: isGrant,
        inserted: ({ t, job, attempt }) => operation({ t, op: "claim", job, attempt }),
      }),
  },
  {
    name: "a job that is granted after its completion",
    check: "terminal-states",
    corrupt: (events, place) =>
      insertAfter(events, {
        place,
        where: isCompletion,
        inserted: ({ t, job }) => operation({ t, op: "claim", job, attempt: 100 }),
      }),
  },
  {
    name: "a job that is granted after its completion, in other words",
    check: "single-grant",
    corrupt: (events, place) =>
      insertAfter(events, {
        place,
        where: isCompletion,
        inserted: ({ t, job }) => operation({ t, op: "claim", job, attempt: 100 }),
      }),
  },
  {
    name: "a settle of a bot that does not hold the job",
    check: "fenced-settle",
    corrupt: (events, place) =>
      insertAfter(events, {
        place,
        where: isCompletion,
        inserted: ({ t, job }) => operation({ t, op: "fail", job }),
      }),
  },
  {
    name: "a heartbeat of a bot that does not hold the job",
    check: "fenced-settle",
    corrupt: (events, place) =>
      insertAfter(events, {
        place,
        where: isGrant,
        inserted: ({ t, job }) => operation({ t, op: "heartbeat", job }),
      }),
  },
  {
    name: "a heartbeat after the job was completed",
    check: "terminal-states",
    corrupt: (events, place) =>
      insertAfter(events, {
        place,
        where: isCompletion,
        inserted: ({ t, job }) => operation({ t, op: "heartbeat", job }),
      }),
  },
  {
    name: "a rescue of a claim whose lease holds",
    check: "rescued-in-time",
    needsLease: true,
    corrupt: (events, place) => {
      const firsts = firstGrants(events);
      return insertAfter(events, { place, where: ({ i }) => firsts.has(i), inserted: rescue });
    },
  },
  {
    name: "a rescue of a job that was completed",
    check: "terminal-states",
    corrupt: (events, place) =>
      insertAfter(events, { place, where: isCompletion, inserted: rescue }),
  },
  {
    name: "a dead job that is granted",
    check: "terminal-states",
    // A redrive makes it legal, also where it comes before the answer that says that the job is dead.
    corrupt: (events, place) =>
      events.some(({ op }) => op === "redrive")
        ? undefined
        : insertAfter(events, {
        place,
        where: ({ op, type, detail }) =>
          op === "fail" && type === "ok" && (detail as FailDetail | undefined)?.status === "dead",
        inserted: ({ t, job }) => operation({ t, op: "claim", job, attempt: 100 }),
      }),
  },
  {
    name: "a job that must wait and is granted at once",
    check: "single-grant",
    isExcusedByRescue: true,
    corrupt: (events, place) => {
      const at = pick(events, place, isRetry);
      const waiting = change(events, place, isRetry, (event) => ({
        ...event,
        detail: { status: "pending", retryInMs: 1_000_000 },
      }));
      if (at === undefined || waiting === undefined) return undefined;
      const { t, job } = events[at] as HistoryEvent;
      const granted = operation({ t, op: "claim", job, attempt: 100 });
      return insertAfter(waiting, {
        place: 0,
        where: ({ i }) => i === events[at]?.i,
        inserted: () => granted,
      });
    },
  },
  {
    name: "a completion that is accepted once more",
    check: "nothing-lost",
    corrupt: (events, place) =>
      insertAfter(events, {
        place,
        where: isCompletion,
        inserted: ({ t, job }) => operation({ t, op: "complete", job }),
      }),
  },
  {
    name: "a second bot that starts the job",
    check: "no-overlap",
    isExcusedByRescue: true,
    corrupt: (events, place) =>
      insertAfter(events, {
        place,
        where: ({ op, type }) => op === "start" && type === "ok",
        inserted: ({ t, job }) => operation({ t, op: "start", job }),
      }),
  },
  {
    name: "a claim with more jobs than were asked for",
    check: "no-over-claim",
    corrupt: (events, place) =>
      change(events, place, ({ op, type }) => op === "claim" && type === "ok", (event) => ({
        ...event,
        detail: { more: [{ job: 1001 }, { job: 1002 }, { job: 1003 }] },
      })),
  },
  {
    name: "claims that are all refused while jobs wait",
    check: "no-head-of-line-block",
    corrupt: (events) =>
      insertAfter(events, {
        place: 0,
        where: ({ op, type }) => op === "enqueue" && type === "ok",
        inserted: ({ t }) => Array.from({ length: 20 }, (_, at) => refused(t, stranger + (at % 2))).flat(),
      }),
  },
  {
    name: "a job of a key that is granted before its turn",
    check: "serial-keys",
    corrupt: (events, place) => {
      const detail = events.find(({ op, type }) => op === "enqueue" && type === "ok")?.detail;
      const keys = (detail as EnqueueDetail | undefined)?.keys ?? [];
      const second = keys.find(({ jobs }) => jobs.length > 1)?.jobs[1]?.[0];
      if (second === undefined) return undefined;
      return insertAfter(events, {
        place,
        where: ({ op, type }) => op === "enqueue" && type === "ok",
        inserted: ({ t }) => operation({ t, op: "claim", job: second, attempt: 100 }),
      });
    },
  },
  inspected("a sample in which jobs and bots disagree", "jobs-bots-agree", (detail) =>
    detail.what === "agreement" ? { ...detail, count: 1 } : undefined,
  ),
  inspected("a verification query that finds a row", "verification-queries", (detail) =>
    detail.what === "verification"
      ? { ...detail, queries: detail.queries.map((query) => ({ ...query, count: 1 })) }
      : undefined,
  ),
  inspected("a lock that is left", "nothing-left-locked", (detail) =>
    detail.what === "locks"
      ? { ...detail, count: 1, rows: [{ kind: "advisory lock", holder: "bot", held: "0, 9" }] }
      : undefined,
  ),
  inspected("a constraint that accepts", "constraints-hold", (detail) =>
    detail.what === "constraints"
      ? {
          ...detail,
          constraints: detail.constraints.map((each) => ({ ...each, rejectedWith: null })),
        }
      : undefined,
  ),
  atTheEnd("a job that is gone at the end", "nothing-lost", (final) => ({
    ...final,
    jobs: final.jobs.slice(1),
  })),
  atTheEnd("a job at the end that nobody enqueued", "nothing-lost", (final) => ({
    ...final,
    jobs: [...final.jobs, { status: "succeeded", ids: [[500, 500]] }],
  })),
  atTheEnd("a job that is left", "drained", withFirstPending),
  {
    name: "a completed job that is pending at the end",
    check: "terminal-states",
    corrupt: (events, place) => {
      const at = pick(events, place, isCompletion);
      const job = at === undefined ? undefined : events[at]?.job;
      return job === undefined
        ? undefined
        : atTheEnd("", "", (final) => withPending(final, job)).corrupt(events, place);
    },
  },
  atTheEnd("an effect that happened twice", "effect-once", (final) => ({
    ...final,
    effects: { ...final.effects, repeated: [{ job: 1, times: 2 }], repeatedCount: 1 },
  })),
];

function isGrant({ op, type }: HistoryEvent): boolean {
  return type === "ok" && (op === "claim" || op === "resume");
}

/** The claims that granted a job to whom nobody can have been before, by their numbers. */
function firstGrants(events: readonly HistoryEvent[]): ReadonlySet<number> {
  const granted = new Set<number | undefined>();
  const firsts = events.filter(({ op, type, job }) => {
    const isFirst = op === "claim" && type === "ok" && !granted.has(job);
    if (type === "ok" && (op === "claim" || op === "resume")) granted.add(job);
    return isFirst;
  });
  return new Set(firsts.map(({ i }) => i));
}

function isRetry({ op, type, detail }: HistoryEvent): boolean {
  const isOk = op === "fail" && type === "ok";
  return isOk && (detail as FailDetail | undefined)?.status === "pending";
}

function isCompletion({ op, type }: HistoryEvent): boolean {
  return op === "complete" && type === "ok";
}

function withFirstPending(final: FinalDetail): FinalDetail {
  return withPending(final, final.jobs[0]?.ids[0]?.[0] ?? 0);
}

/** The model tells the jobs one by one. */
function withPending(final: FinalDetail, job: number): FinalDetail {
  const others = final.jobs.filter(({ ids }) => ids[0]?.[0] !== job);
  return { ...final, jobs: [...others, { status: "pending", ids: [[job, job]] }] };
}

function operation(fields: Pick<Event, "t" | "op" | "job" | "attempt">): Event[] {
  const bot = stranger;
  return [
    { ...fields, bot, type: "invoke" },
    { ...fields, bot, type: "ok" },
  ];
}

/** The harness takes the claim away. */
function rescue({ t, job, attempt }: Pick<Event, "t" | "job" | "attempt">): Event[] {
  const claim = { job: job as number, ...(attempt === undefined ? {} : { attempt }) };
  return [
    { t, op: "rescue", type: "invoke" },
    { t, op: "rescue", type: "ok", detail: { jobs: [claim] } },
  ];
}

function refused(t: number, bot: number): Event[] {
  return [
    { t, bot, op: "claim", type: "invoke" },
    { t, bot, op: "claim", type: "failed", code: "23505" },
  ];
}

interface Insertion {
  readonly place: number;
  readonly where: (event: HistoryEvent) => boolean;
  readonly inserted: (event: HistoryEvent) => readonly Event[];
}

function insertAfter(
  events: readonly HistoryEvent[],
  { place, where, inserted }: Insertion,
): readonly HistoryEvent[] | undefined {
  const at = pick(events, place, where);
  if (at === undefined) return undefined;
  const added = inserted(events[at] as HistoryEvent);
  const all: readonly Event[] = [...events.slice(0, at + 1), ...added, ...events.slice(at + 1)];
  return all.map((event, i) => Object.assign({}, event, { i }));
}

function change(
  events: readonly HistoryEvent[],
  place: number,
  where: (event: HistoryEvent) => boolean,
  changed: (event: HistoryEvent) => HistoryEvent,
): readonly HistoryEvent[] | undefined {
  const at = pick(events, place, where);
  if (at === undefined) return undefined;
  return events.with(at, changed(events[at] as HistoryEvent));
}

function pick(
  events: readonly HistoryEvent[],
  place: number,
  where: (event: HistoryEvent) => boolean,
): number | undefined {
  const places = [...events.keys()].filter((at) => where(events[at] as HistoryEvent));
  return places.length === 0 ? undefined : places[place % places.length];
}

function inspected(
  name: string,
  check: string,
  spoil: (detail: InspectDetail) => InspectDetail | undefined,
): Corruption {
  const spoiled = ({ op, detail }: HistoryEvent): InspectDetail | undefined =>
    op === "inspect" ? spoil(detail as InspectDetail) : undefined;
  return {
    name,
    check,
    corrupt: (events, place) =>
      change(events, place, (event) => spoiled(event) !== undefined, (event) => ({
        ...event,
        detail: spoiled(event),
      })),
  };
}

function atTheEnd(
  name: string,
  check: string,
  spoil: (final: FinalDetail) => FinalDetail,
): Corruption {
  return inspected(name, check, (detail) => (detail.what === "final" ? spoil(detail) : undefined));
}
