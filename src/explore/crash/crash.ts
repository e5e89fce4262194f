/** How one side of a connection is lost to the other, in the middle of what a bot was doing. */
export const crashKinds = ["reset", "close", "silence", "terminated", "server crash"] as const;
export type CrashKind = (typeof crashKinds)[number];

/**
 * When, seen from the statement at which it happens:
 *
 * - `before`: the server never gets it
 * - `after`: the server has carried it out, and the client gets no answer
 * - `truncate`: the same, and the client gets half of the answer
 */
export const crashMoments = ["before", "after", "truncate"] as const;
export type CrashMoment = (typeof crashMoments)[number];

export interface Crash {
  readonly kind: CrashKind;
  readonly moment: CrashMoment;
}

/** What ends a connection in half an answer is the connection; a server that goes ends between messages. */
export function crashesOf(kind: CrashKind): readonly Crash[] {
  const isCut = kind === "reset" || kind === "close";
  return crashMoments
    .filter((moment) => isCut || moment !== "truncate")
    .map((moment) => ({ kind, moment }));
}

const kindTexts: Readonly<Record<CrashKind, string>> = {
  reset: "connection reset",
  close: "connection closed",
  silence: "connection silent",
  terminated: "backend terminated",
  "server crash": "server crashed",
};

const momentTexts: Readonly<Record<CrashMoment, string>> = {
  before: "before the server got it",
  after: "before the answer came",
  truncate: "in the middle of the answer",
};

/** "connection reset before the answer came". */
export function crashText({ kind, moment }: Crash): string {
  return `${kindTexts[kind]} ${momentTexts[moment]}`;
}
