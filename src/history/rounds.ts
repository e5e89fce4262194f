import type { EventTable } from "./event-table.ts";
import type {
  Detail,
  Operation,
  Phase,
  PhaseDetail,
  RoundCost,
  RoundDetail,
  WaveDetail,
} from "./event.ts";
import type { EventWindow } from "./operations.ts";

/** One round of a history: its events from its `begin` up to, not including, the next round's. */
export interface RoundWindow extends EventWindow {
  readonly round: number;
  readonly strategy: string;
  readonly role: RoundDetail["role"];
  readonly constraints: boolean;
  /** False: the run was cut short in the middle of it. */
  readonly isWhole: boolean;
  readonly cost: RoundCost | undefined;
}

/** The rounds that the history tells of, in the order they were run; none where it has no `round` events. */
export function roundsOf(events: EventTable): readonly RoundWindow[] {
  const notes = notesOf<RoundDetail>({ events, from: 0, to: events.length }, "round");
  const begins = notes.filter(({ detail }) => detail.event === "begin");
  return begins.map(({ index, detail }, at) => {
    const to = begins[at + 1]?.index ?? events.length;
    const end = notes.find(
      (note) => note.detail.event === "end" && note.index > index && note.index < to,
    );
    const { round, strategy, role, constraints } = detail;
    const isWhole = end !== undefined;
    const cost = end?.detail.cost;
    return { round, strategy, role, constraints, isWhole, cost, events, from: index, to };
  });
}

/** A phase or a wave: from its `begin` event up to and including its `end`. */
export interface Span extends EventWindow {
  readonly fromNs: number;
  /** For one that has no end: the last event of the window it was looked for in. */
  readonly toNs: number;
  readonly isWhole: boolean;
}

export interface PhaseSpan extends Span {
  readonly phase: Phase;
  /** Why it ended, where that is not its natural end. */
  readonly note: PhaseDetail["note"];
}

export interface WaveSpan extends Span {
  readonly wave: number;
}

/** The phases of a round, in order. */
export function phasesOf(window: EventWindow): readonly PhaseSpan[] {
  const notes = notesOf<PhaseDetail>(window, "phase");
  return joined(notes, (detail) => detail.phase).map(({ begin, end }) => {
    const { phase } = begin.detail;
    return Object.assign(spanOf(window, begin.index, end?.index), {
      phase,
      note: end?.detail.note,
    });
  });
}

export function phaseOf(window: EventWindow, phase: Phase): PhaseSpan | undefined {
  return phasesOf(window).find((span) => span.phase === phase);
}

/** The waves of a round of the load kind `rounds`, in order; none in other loads. */
export function wavesOf(window: EventWindow): readonly WaveSpan[] {
  const notes = notesOf<WaveDetail>(window, "wave");
  return joined(notes, (detail) => detail.wave).map(({ begin, end }) =>
    Object.assign(spanOf(window, begin.index, end?.index), { wave: begin.detail.wave }),
  );
}

/** A note and its index in the table. */
export interface Note<D extends Detail> {
  readonly index: number;
  readonly detail: D;
}

/** The notes of one operation in a window, which must be the operation whose detail is `D`. Notes without a detail are passed over. */
export function notesOf<D extends Detail>(window: EventWindow, op: Operation): readonly Note<D>[] {
  const { events, from, to } = window;
  return events.notes(from, to).flatMap((index) => {
    const detail = events.op(index) === op ? (events.detail(index) as D | undefined) : undefined;
    return detail === undefined ? [] : [{ index, detail }];
  });
}

interface BeginAndEnd<D extends Detail> {
  readonly begin: Note<D>;
  readonly end: Note<D> | undefined;
}

/** Each `begin` with the next `end` of the same name. */
function joined<D extends PhaseDetail | WaveDetail>(
  notes: readonly Note<D>[],
  name: (detail: D) => string | number,
): readonly BeginAndEnd<D>[] {
  return notes.flatMap((begin, at) => {
    if (begin.detail.event !== "begin") return [];
    const isItsEnd = (note: Note<D>, place: number): boolean =>
      place > at && note.detail.event === "end" && name(note.detail) === name(begin.detail);
    return [{ begin, end: notes.find(isItsEnd) }];
  });
}

function spanOf({ events, to }: EventWindow, begin: number, end: number | undefined): Span {
  const last = end ?? to - 1;
  return {
    events,
    from: begin,
    to: last + 1,
    fromNs: events.t(begin),
    toNs: events.t(last),
    isWhole: end !== undefined,
  };
}
