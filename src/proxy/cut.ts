/**
 * How a connection is cut.
 *
 * `fin`: what was already passed on is delivered, then the peer reads an orderly end. `rst`: the peer gets ECONNRESET.
 * `silent`: the sockets stay open and nothing passes any more, as behind a cable that was pulled.
 */
export const cutKinds = ["fin", "rst", "silent"] as const;
export type CutKind = (typeof cutKinds)[number];

/** Who is cut off; the other side keeps an open connection on which nothing happens. */
export const cutSides = ["client", "server", "both"] as const;
export type CutSide = (typeof cutSides)[number];

export interface Cut {
  readonly how: CutKind;
  readonly side: CutSide;
  /** With `fin`: what the toxics of the links hold is delivered first, in its own time. */
  readonly afterHeldData?: boolean;
  /** Why, for the event log: `toxic latency_downstream`, `api`, `disabled`. */
  readonly reason: string;
}
